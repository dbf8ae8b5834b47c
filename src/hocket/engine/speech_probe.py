"""How much a tick's encoder frames look like speech: a linear probe, 288 weights and a bias.

Law: one product a tick, no state. It only tells the word decoder when to rest.
Source: logistic regression by ``python -m benchmarks.ears_probe``, which writes the weights below.
"""

import base64
from typing import Final

import numpy as np

from hocket.engine.port import Float32

# float16, little-endian, base85
WEIGHTS: Final = (
    b"S1mj@;=0>D&OSUo2){|W<UElikF<wCr?{NCP(WEiay;I+W4TT`<Fw+oT|NA$a=4~Il(Akm7Qd&g_d2Az?!A0H13+"
    b"*xhd`dir>#yw$+!(Tb-=;Gv%K2C-oPlj!<c`(BDPMv0jlRU*}FfxB}Ub}i@jhpV7-pFH#>JfiaVUcy*kT5`90&eX"
    b"1>Za8n{HVH$6f=F0`w>I4j>mMn2=a4mjnxAh!CyTfnA4x;;EKem!ZtO+8^eM?b$aVz%JGjKVRjJgBrkAv_a7ov&!"
    b"V1;GO`F*y6Od_IA}U%V_ZgTX{JbiH^wazI@*C%LDr%QwF`uD9R0xT#pcN;!5qFTI(-9lhc+7{U#}Otd$(@3kSken"
    b"jjx04?$}%sciz6T0!TPPTQS`?cb`G{EA#d%r)q+c~{JWW*>zRzQO@HowY1;IrboD86yOH$2X_IV-|J^fs2de7OEK"
    b"Z9m~R>%K>=<vbZUaW)>m>@lZ2A2fP4HNPl1;XwbZC%nr#4mMdm$gvMVjlXNM(LD+>L^xqMlfwTsq(8Ad3_M~vuRk"
    b"$DEUxmgdccf8S~yU;RyepYl|HXMHm1chgtg@`%{&o3_&Ve{=CiszptW^8roR)xY`R6T?yyn3O1<Pb<hq2iQoRwie"
    b"7&$d<vb9=N5BQXnZ0*HO+IzO9=sqzxI1^fd^%*jL%b0-89cPPmp7<Dg*>%D6S(a>`Zd2ZFuy)L*Q_ix{<YY#=ef$"
    b"Y#Ir%dZ9E$|G(i?ZCrJ"
)
_PROBE: Final = np.frombuffer(base64.b85decode(WEIGHTS), "<f2").astype(np.float32)


def speech_log_odds(frames_TD: Float32) -> float:
    """Log odds of speech for the frames [T, 288] of a tick."""
    return float(frames_TD.mean(axis=0) @ _PROBE[:-1] + _PROBE[-1])
