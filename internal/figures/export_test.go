package figures

// What the published examples test by itself.
var (
	InShift      = inShift
	InTrend      = inTrend
	InTwoInThree = inTwoInThree
)

// FactsOf is what is counted of agreed codes.
func FactsOf(c Coded) Facts { return c.facts() }
