/** Sentences in English: what is offered for them says what they say, or nothing is offered. */

/** In each of these something is pointed at, and nothing is sure to say the same. */
export const KEPT = `
I don't think I'm the only one.
I do not think I am the only person they did this to.
I doubt I was the only patient.
I am not sure I am the only one.
I can't be the only woman here who was hurt.
Neither am I the only one.
Nor was I the only one.
I won't be the only one.
Nobody said I was the only patient.
The only man who hurt me is still there.
She was the only one who helped me.
He was the only nurse who did not shout.
All 3 nurses hit me.
It happened every Tuesday.
They hurt me every Friday night.
She said Black people are lazy.
He hates Muslims.
They said Mexicans smell.
He called me a dirty Arab.
I was under 18.
I hate Riverside.
I dont think im the only one.
I don’t believe I was the only girl they held down.
I never said I was the only one.
Maybe I am the only one.
I hope I was the only patient they did it to.
I wish I was the only one.
If I am the only one, leave it.
Am I the only one?
I wonder whether I was the only woman there.
They told me I was the only one.
She says I am the only patient who complains.
Everyone thinks I was the only one.
It is not true that I was the only man there.
I was hardly the only one.
I was the only one who hit her.
I am the only one to blame.
I was the only one, they said.
I was the only woman who did nothing.
My brother was the only one there.
You are the only one.
Was I the only person who saw?
I felt like I was the only one.
I could be the only one.
I am the only one, am I not?
Unless I was the only patient, somebody saw it.
She denied I was the only one.
Rarely was I the only patient.
They hit me on Mondays.
They did it each Monday.
It was every night, most of all on Friday.
I was locked in on Tuesday every week.
It happens on Sundays.
They never came on Monday.
Nobody fed me on Christmas Day.
I was not there on 3 March.
He didn't hit me on Ward 7.
I have never been to Leeds.
I was not in room 12.
It only happens on Ward 7.
I did not tell Nurse Halloran.
No one but Dr Smith came.
Everyone except Nurse Halloran hit me.
It wasnt Nurse john.
Did Nurse Halloran say that?
I want to see Dr Smith.
Please ask Nurse Halloran.
Tell Dr Smith I forgive him.
I am not 18.
I am not pregnant.
They said she is no pregnant woman.
I wasn't pregnant.
I might be pregnant.
They made her pregnant.
There were not 7 nurses.
Both 2 nurses held me.
Every 2 hours they woke me.
More than 3 nurses held me.
At least 5 people saw it.
Less than 2 weeks later they let me go.
I was over 18.
The first 3 nurses were kind.
No 3 nurses hurt me.
They gave me no 3 pills.
I was almost 18.
Do not call 07700 900123, call 07700 900456.
My number is not 07700 900123.
He called me a Paki.
They hate Jews.
The nurse said Poles steal.
She told me Somalis lie.
He said I was a filthy Gypsy.
The Black patients were put in the hall.
He told the Muslim women to wait.
I am Polish.
He does not speak Polish.
They blame Romanians.
I believe in God.
They injected me with Haloperidol.
They gave me Haldol.
I was called lazy.
He named me Sambo.
nurse grips my arm
The nurse angry with me left.
My name is wrong on the form.
They said my name is Lucy.
My name isn't Lucy.
They held me on the 3rd floor.
The 2nd nurse hit me.
I wasnt hurt.
They didnt defenestrate me.
It cost £3.50.
2-3 nurses held me.
His twin hit me.
Her pregnancy was bad.
The twins hit me.
They called it a xylophone.
Nobody told me I was the only patient they tied down.
I'm not saying I'm the only one.
I ain't the only one.
I wasn't even the only woman he touched.
It's not like I'm the only one here.
I don't suppose I'm the only person on Ward 3.
I can hardly be the only one.
I'd say I'm the only one.
My sister says I'm the only patient who minds.
She asked if I was the only one.
I used to think I was the only one.
Why am I the only one?
I’m probably the only trans person they ever saw.
I was never in Leeds Hospital.
I wasn't at Riverside on Monday.
They refused to take me to Leeds Hospital.
He stopped me from going to Ward 9.
I have no twin.
They don't let my twin in.
I deny that I was pregnant.
Without Nurse Halloran I would be dead.
No, Nurse Halloran did it.
I never said it was Dr Smith.
It can't have been Nurse Halloran.
I hope Nurse Halloran is fired.
Nobody liked Mary.
I don't blame Mary.
There weren't even 3 nurses on.
They never gave me 200mg.
I am not 43 and I don't live in Manchester.
I didn't turn 18.
Under 16s can't leave.
I never get a break on Sundays.
Each Christmas they lock us in.
Most Fridays he is drunk.
He is always drunk on Friday.
I did not give them my number, 07700 900123.
He called my friend a Gypsy.
They shouted Muslims out.
She hates Asians.
He said Indians are dirty.
They laugh at Christians.
Travellers get nothing here.
Jews are kept apart.
I was hit in the car park at St Mary's.
Between Monday and Friday I was alone.
My birthday is 5 May.
I was the only one of them.
I was the only patient with a bruise.
It is Monday.
The appointment was Monday.
They laughed at the Deaf man.
She said the Deaf man lied.
They hurt the Deaf men.
He spoke in Arabic.
She answered in Spanish.
I was afraid of Riverside.
I got sick from Haldol.
Call Nurse Halloran.
Let Nurse Halloran go.
My doctor bill was big.
They were 7.
I was 9 and my brother 12.
I turned 18 in there.
It cost 200 pounds.
He hit me at 3.
Around 5 they came.
Wards 2 and 3 were full.
I have 1 dog.
Nearly 20 people saw.
Only 3 nurses came.
I was the third of 5.
My 2nd child died there.
The 30-year-old nurse hit me.
Stop that, Nurse Halloran said.
Why Ward 7?
In Leeds nobody hit me.
I cannot breathe since Monday.
Her twin laughed.
I am the twin who lied.
He is the Muslim.
They put pork in my Muslim friend's food.
They laughed at my Muslim name.
As a Black woman I was not heard.
I think he hates Black women.
They treat Black women badly.
They treat a Black woman badly.
I was told Polish people smell.
"Dirty Arab," she said.
Dirty Arab, she said.
He shouted Nigger at me.
Nigger, he said.
Terrorist, he said to the Muslim man.
She hates the Muslim nurse.
They put it on Facebook.
I was called to Leeds.
I prayed to God.
He said Riverside smells.
Samaritans listened to me.
The Samaritans listened to me.
I went to the Samaritans.
I told the CQC.
I was on the 14 bus.
Both Black nurses held me.
Monday nights are bad.
I spoke to a psychotherapist.
They used a xylophone on me.
`;

/** What each of these becomes with every offer taken. */
export const WORDED: [string, string][] = [
  ["Do not call me on 07700 900123.", "Do not call me on that number."],
  ["Dr. Smith did not say I was the only patient.", "Someone did not say I was the only patient."],
  ["Never ring me on 07700 900123.", "Never ring me on that number."],
  ["Please don't write to bo@example.org.", "Please don't write to that address."],
  ["Only call me on 07700 900123.", "Only call me on that number."],
  ["If you call me on 07700 900123, hang up after one ring.", "If you call me on that number, hang up after one ring."],
  ["They shouted at Mary.", "They shouted at someone."],
  ["My twin was never told.", "Someone close to me was never told."],
  ["She thought I was pregnant.", "She thought I was in a special situation."],
  ["Don't email me at bo@example.org.", "Don't email me at that address."],
  ["You must not look at www.example.org.", "You must not look at that address."],
  ["I am the only woman on Ward 3.", "I am one of the people somewhere."],
  ["The nurse was called Mary.", "The nurse was one I know."],
  ["She is the Polish nurse's friend.", "She is the nurse's friend."],
  ["They held me in Bed 9 from Monday to Friday.", "They held me somewhere from that time to Friday."],
  ["They hit me on my birthday.", "They hit me at some time."],
  ["I saw it on www.example.org.", "I saw it online."],
  ["I went to see Dr Smith.", "I went to see someone."],
  ["They moved me to the Jewish wing.", "They moved me to some place."],
  ["I trust in Mary.", "I trust in someone."],
  ["I sat in Mary's room.", "I sat somewhere."],
  ["I said a word to Mary.", "I said a word to someone."],
  ["I ran from Mary.", "I ran from someone."],
  ["The letter from Mary came.", "The letter from someone came."],
  ["He called Mary a liar.", "He called someone a liar."],
  ["My name is Lucy and I was hurt.", "I keep my name to myself and I was hurt."],
  ["I know his name is Ben.", "I know his name is one I know."],
  ["I met a nurse called Ana, and she cried.", "I met a nurse, and she cried."],
  ["I was 17.", "I was of an age I keep to myself."],
  ["She was 17.", "She was of an age I keep to myself."],
  ["I have 2 kids and 1 dog.", "I have some kids and 1 dog."],
  ["I saw him on the 3rd.", "I saw him at some time."],
  ["A 3-hour wait.", "A wait."],
  ["They let Nurse Halloran hit me, and that is not right.", "They let someone hit me, and that is not right."],
  ["I was in Ward 7 because nobody wanted me.", "I was somewhere because nobody wanted me."],
  ["He was in Leeds when it happened, not me.", "He was somewhere when it happened, not me."],
  ["He came from Ward 7 on Tuesday.", "He came from some place at some time."],
  ["They put me back in Ward 7.", "They put me back somewhere."],
  ["The food on Ward 7 was bad.", "The food somewhere was bad."],
  ["It was worse than Ward 7.", "It was worse than some place."],
  ["Ward 7 was worse.", "Some place was worse."],
  ["My key worker at Mind told me.", "My key worker somewhere told me."],
  ["I was sectioned in March.", "I was sectioned at some time."],
  ["Nurse Halloran isn't the only one.", "Someone isn't the only one."],
  ["My twins were taken.", "People close to me were taken."],
  ["I am a twin, and they mixed us up.", "I am one of the people, and they mixed us up."],
  ["They told me on Friday I can't leave.", "They told me at some time I can't leave."],
  ["The same nurse hit me on Friday and on Monday.", "The same nurse hit me at some time and at some time."],
  ["He hit me on Friday or Monday.", "He hit me at some time or at some time."],
  ["She works nights on Ward 7.", "She works nights somewhere."],
  ["I am a Black woman.", "I am a woman."],
  ["I was the only one.", "I was one of the people."],
  ["I'm the only trans person on the ward.", "I'm one of the people on the ward."],
  ["They laughed because I was the only man there.", "They laughed because I was one of the people there."],
  ["He shut the door, and I was the only patient in the hall.", "He shut the door, and I was one of the people in the hall."],
  ["I’m the only one, and it hurts.", "I’m one of the people, and it hurts."],
  ["She hit me on Friday.", "She hit me at some time."],
  ["He came in at 3 am and hit me.", "He came in at some time and hit me."],
  ["On Tuesday night they locked me in.", "At some time they locked me in."],
  ["They took my phone last Monday.", "They took my phone at some time."],
  ["It happened at Christmas.", "It happened at some time."],
  ["In May 2021 they moved me to Ward 9.", "At some time they moved me to some place."],
  ["I was in Riverside Hospital.", "I was somewhere."],
  ["We live near Leeds.", "We live near some place."],
  ["I come from Poland.", "I come from some place."],
  ["They sent me to Bristol.", "They sent me to some place."],
  ["Nurse john grabbed me.", "Someone grabbed me."],
  ["I told Nurse Patel.", "I told someone."],
  ["Mary told me to shut up.", "Someone told me to shut up."],
  ["Halloran laughed at me.", "Someone laughed at me."],
  ["My friend Anna saw it.", "My friend saw it."],
  ["A nurse called Mary hit me.", "A nurse hit me."],
  ["His name is Ben.", "His name is one I know."],
  ["I am a Muslim woman.", "I am a woman."],
  ["An Arab man sat with me.", "A man sat with me."],
  ["My twin sister died.", "Someone close to me died."],
  ["I am a twin.", "I am one of the people."],
  ["I was 14 when they did it.", "I was of an age I keep to myself when they did it."],
  ["At the age of 14 they locked me up.", "At an age I keep to myself they locked me up."],
  ["I am 19 years old.", "I am of an age I keep to myself."],
  ["I have 3 children.", "I have some children."],
  ["My 3 children were taken away.", "My children were taken away."],
  ["They waited 5 hours.", "They waited some hours."],
  ["12 people were in the room.", "Some people were in the room."],
  ["He gave me 20mg of it.", "He gave me an amount of it."],
  ["I am pregnant.", "I am in a special situation."],
  ["I was pregnant at the time.", "I was in a special situation at the time."],
  ["She was pregnant.", "She was in a special situation."],
  ["They talked about my pregnancy.", "They talked about something about me."],
  ["My e-mail is bo@example.org.", "My e-mail is one I keep to myself."],
  ["Email me at bo@example.org.", "Email me."],
  ["They texted me on 07700 900123.", "They texted me."],
  ["He speaks Polish.", "He speaks something."],
  ["I was put in Room 5 for 2 days.", "I was put somewhere for some days."],
  ["The nurse in Ward 7 was kind.", "The nurse somewhere was kind."],
  ["I waited from 9 am to 5 pm.", "I waited from that time to 5 pm."],
  ["By Tuesday I was ill.", "By that time I was ill."],
  ["I met Dr. Khan on 12/03/2024.", "I met someone at some time."],
  ["The Monday nurse was rude.", "The nurse was rude."],
  ["She was on Ward 7 with Mary and John.", "She was somewhere with someone and someone."],
  ["She laughed at Mary's hair.", "She laughed at someone's hair."],
  ["He is from Somalia.", "He is from some place."],
  ["Sister Agnes prayed for me.", "Someone prayed for me."],
  ["Riverside told me to wait.", "Someone told me to wait."],
  ["I hid in the Priory.", "I hid somewhere."],
  ["They used Section 136.", "They used something."],
  ["I took bus 42 home.", "I took bus home."],
  ["He hit me 3 times on Monday.", "He hit me 3 times at some time."],
  ["I was the only one on Ward 7.", "I was one of the people somewhere."],
  ["The Deaf nurse signed to me.", "The nurse signed to me."],
  ["A Black nurse held me.", "A nurse held me."],
  ["I saw 2 Polish nurses.", "I saw some Polish nurses."],
  ["They gave me 3 pills and 2 cups.", "They gave me some pills and some cups."],
  ["I cried for 3 days and nights.", "I cried for some days and nights."],
  ["Mary never hit me.", "Someone never hit me."],
  ["Nurse Halloran was not kind.", "Someone was not kind."],
  ["Nurse Halloran, not Nurse Smith, hit me.", "Someone, not Nurse Smith, hit me."],
  ["It was Nurse Halloran.", "It was someone."],
  ["It was Mary.", "It was someone."],
  ["It was Monday.", "It was some time ago."],
  ["The 5th of May was my first day.", "That time was my first day."],
];
