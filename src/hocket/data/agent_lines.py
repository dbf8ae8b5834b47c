"""What the agent says in scripted sessions: short spoken answers of two to nine seconds.

Law: written for this project, one a line; what a line says has nothing to do with what the user said,
for the floor does not depend on it. Never reuse these in a test of what an agent says.
"""

from typing import Final

NODS: Final = ("mm-hm", "right", "uh-huh", "okay", "I see", "mm")  # that fit anywhere
LINES: Final[tuple[str, ...]] = tuple(
    """
Sure, I have put that on your list for tomorrow morning.
There are three trains before noon, and the first one leaves at twenty past eight.
Let me see. The nearest one is about ten minutes on foot, just past the old bridge.
It should stay dry until the evening, but take a jacket, since the wind is picking up.
Your table is booked for half past seven, and they will keep it for fifteen minutes.
That one costs a little more, but the reviews are much better and it comes with a longer warranty.
I would start with the soup, because it needs to simmer while you prepare everything else.
The meeting was moved to Thursday, so you have the whole of Wednesday afternoon free.
You have two new messages, one from the dentist and one from your sister about the weekend.
The museum opens at ten, and on the first Sunday of the month there is no entrance fee.
It takes about forty minutes by bus, or a bit more than an hour if you prefer to walk along the river.
I found a flight on Friday evening with one short stop, and another one on Saturday without any.
Yes, that works. I will send them a note and let you know as soon as they answer.
The recipe says two cups of flour, but one and a half is enough if the eggs are large.
That song came out in the summer of that year, and it was played on every station for months.
You could try turning it off at the wall, waiting for a minute, and then turning it on again.
There is a small bakery around the corner that stays open until late in the evening.
The doctor has an opening on Monday at nine, or on Tuesday right after lunch.
I think the blue one suits the room better, since it picks up the colour of the curtains.
Your parcel left the warehouse last night, so it should arrive before the end of the week.
The film runs for just over two hours, and the last showing begins at a quarter to ten.
He was born in a small town by the sea and moved to the city when he was about twelve.
You have walked a little over four miles today, which is more than your average this month.
The battery is at thirty percent, so it will last until the afternoon if you dim the screen.
All right. I have set it for six thirty, and I will make it a gentle one.
It rains there for most of November, so you may want to go in the early spring instead.
They are closed on Mondays, but on any other day you can just walk in without calling ahead.
The shortest way is through the park, though the gate is locked once it gets dark.
You spent less on groceries this month, mostly because you cooked at home on the weekends.
The next class is for beginners, and you can borrow everything you need at the front desk.
I would ask for a refund first, and only then think about whether you want another one.
The library has two copies, and one of them should be back on the shelf by Friday.
There was an accident near the tunnel, so traffic is slow in both directions right now.
Both of them are good, but the second one is lighter and easier to carry on a long day.
The soup was first made by fishermen, who used whatever was left at the end of the day.
You can park behind the station, and the first two hours there do not cost anything.
That word comes from the old name of the river, and it simply meant clear water.
I have added milk, bread and a bag of rice, so there are now nine things on the list.
The warranty covers the screen, but not the damage that comes from dropping it.
Your brother called around noon. He did not sound worried, but he would like to hear from you.
The plant needs light more than water, so move it to the window and wait for a week.
It is about nineteen degrees in the living room, and a little colder upstairs.
The tickets are sold out for Saturday, but there are still good seats for the Sunday matinee.
You could take the stairs at the back, since the lift has been out of order since this morning.
The paint needs at least four hours to dry before you put on the second coat.
The bank sent a letter about the new card, and it should be in the mail by now.
There are eleven people coming, and two of them do not eat any meat or fish.
You have to change at the central station, and the second train leaves from platform six.
I would leave a little earlier, because there is a football match in town tonight.
The first chapter is slow, but once they reach the island it becomes hard to put down.
The restaurant is on the second floor, and you get there through the book shop.
The oven should be quite hot, so give it a good ten minutes before you put the bread in.
Your appointment lasts for half an hour, and you should bring the papers from last time.
The beach is quieter in the morning, and there is a path along the cliffs with a fine view.
The red wire goes to the left, and the other one is not used in this model at all.
It was built about three hundred years ago, and most of the windows are still the old ones.
I have found four of them nearby, and the cheapest one is also the closest to you.
The neighbours will water the garden while you are away, so you only need to leave the key.
The lake is frozen for most of the winter, but nobody is allowed to skate on it any more.
You can still change your mind until midnight, and after that they will charge half of the price.
The new version is faster, but some people find the old menu easier to understand.
The course begins in September and takes two evenings a week until the end of the year.
That is a good question. Most people start with the smaller one and change later on.
The game ended in a draw, with both goals coming in the last ten minutes.
Your car needs an inspection before the end of next month, and the garage has time on the third.
The wind will turn in the afternoon, so it is better to sail out early and come back by two.
The cake should rest in the pan for a while, or it will break when you turn it over.
There is a farm nearby where you can pick your own berries until the middle of July.
The bridge is closed to cars, but you can still cross it on foot or with a bicycle.
The concert was recorded live, which is why you hear the crowd between the songs.
If you leave by nine, you will be there in time for lunch, even with a stop on the way.
The kids finish school at three today, because the teachers have a meeting afterwards.
The tea should not stand for more than three minutes, or it becomes a little bitter.
She wrote it in one summer, sitting in the kitchen of a house that had no electricity.
The hotel has a room with two beds on the top floor, and breakfast is included.
You were right about the date. It is the fourteenth, and I have corrected it in the calendar.
The tool you need is in the second drawer, next to the tape and the small screwdriver.
The market is held every Saturday morning, and the best stalls are gone by eleven.
I can read it to you now, or I can keep it for the drive home, whichever you like.
The shop will hold it for you until tomorrow evening, and you can pay when you pick it up.
""".strip().splitlines()
)
