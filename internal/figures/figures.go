// Package figures makes numbers that may leave the panel. A clinic is small, its counts are tiny, and the people who read
// them may already guess: so before any number leaves, it is worked out what else could be worked out from it.
//
// It promises that a table it lets through holds no count of 1 to k, shown or derivable: every such cell has an interval
// of possible values at least k wide that reaches above k, even for a reader who knows every total exactly. Nor does it say
// that all reports of a column, or all but so few, gave one answer (group disclosure): how many did not is a small count too. What cannot
// be made safe is refused, with the cells that stand in the way, for the panel's eyes. It promises that a released table
// never changes, that no two releases of a clinic share a day, and that nothing is readable before reviewers signed it.
//
// It leaves to others which reports may be counted (the panel's acts call Count), how a page looks, and words: what
// people tell is never here, only how many told it.
//
// What stays true all the same. Counts are of reports, not of people: one person may have written several. Whoever wrote
// one knows what it says, and can take it off a count. A reader who knows this program's rules, and from them which of
// several hidden cells were hidden first, can narrow an interval in ways no audit of intervals measures; hidden cells
// all look alike for this reason. Tables that count the answers to one question share their rows and are judged one by one,
// each with its columns' reports as bounds; where nearly every report gives the same answer, all of them together could
// narrow a range further than one does.
//
// The pure parts (table.go, flow.go, audit.go, suppress.go, search.go, round.go, csv.go, plan.go,
// period.go, chart.go, rates.go) touch no database.
// FORMAT.md says what reviewers sign. Drawing is in the package draw, agreement between coders in the package agreement.
package figures
