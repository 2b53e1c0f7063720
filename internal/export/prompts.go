package export

// prompts are questions for therapist community members, to sit with and to answer in their own words. They score nobody.
var prompts = []string{
	"Whose comfort did our last decision protect?",
	"What could the person in front of me lose by saying no to me?",
	"When did I last name my power out loud: over time, notes, money, medicine, the door?",
	"Who got paid from this, and would I do the same if no one were?",
	"What did I call policy that was really fear?",
	"Which of our rules would I not accept as a client community member?",
	"When someone was in crisis, whom did I call first, and did they choose it?",
	"What could staying with them have looked like?",
	"What words in our notes would hurt if read back aloud?",
	"Whose body, language, pace or mind is our room built for?",
	"Who is missing from our clients, and what did we do to keep them out?",
	"What have people here taught each other that we did not?",
	"What can I offer beyond the hour: a ride, a form, an introduction, a fight with an insurer?",
	"Where does being professional keep me from being kind, and where does it keep someone safe?",
	"Which promise on this page am I carrying, with whom, by when?",
	"If we did nothing, who pays?",
	"Which report made me defensive, and what is that guarding?",
	"Who stood by whom this quarter, and how do we make that easier?",
	"What would it mean to be answerable to the person who wrote this, not to our insurer?",
	"What shall we stop?",
}

// promptsFor are three of the prompts for each theme, by their places.
var promptsFor = map[string][3]int{
	"force": {6, 7, 0}, "voice": {1, 2, 4}, "respect": {8, 16, 0}, "bias": {9, 10, 5}, "access": {10, 12, 9}, "ending": {12, 14, 15},
	"boundary": {2, 1, 13}, "privacy": {8, 1, 4}, "treatment": {1, 5, 7}, "money": {3, 12, 15}, "place": {9, 19, 5}, "response": {16, 14, 18},
	"work": {17, 11, 19}, "good_care": {11, 17, 12}, "good_solidarity": {17, 7, 12}, "good_together": {11, 17, 9}, "good_repair": {14, 18, 17},
}
