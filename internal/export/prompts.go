package export

// prompts are questions for therapist community members, to sit with and to answer in their own words. They score nobody. Their
// order is that of promise.PromptsFor, which counts from 1.
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
