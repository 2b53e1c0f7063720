package internal_test

import "maps"

// Sentences of README.md about running, telling, upgrading and leaving.
func init() {
	maps.Copy(claims, map[string][]string{
		"A test types it on a Debian\nmade from nothing":                           {"TestLongFromBareDebianToAnOpenForm"},
		"systemd unit that leaves little open":                                     {"TestLongUnitsAreClosedIn", "TestEveryNameInTheUnitsIsKnown"},
		"For containers there are":                                                 {"TestContainersOfTheComposeFileAreClosed", "TestSecretsOfTheComposeFileAreFiles", "TestDockerfileBuildsAsMakeDoes", "TestDockerfileTakesTheVersionsOfTheSource", "TestContainerCheckSaysWhatItLacks"},
		"`make build` fails when a page script is missing":                         {"TestBuildFailsWithoutThePageScripts", "TestMakeKnowsEveryPageScript"},
		"or before it, where the server may read and not write them":               {"TestKeysCanBeMadeBeforeTheFirstStart"},
		"Whatever is wrong at a start":                                             {"TestBadStartsEndWithASentence", "TestClocksThatAreHoursApartAreRefused", "TestPostgresThatComesBackLater"},
		"ends\nwithin ten seconds; nothing acknowledged is lost":                   {"TestStoppingDrainsAndLosesNothing"},
		"Nothing leaves it unasked":                                                {"TestNothingLeavesTheServerUnasked"},
		"All notices have the same words, and they are sent whether anybody wrote": {"TestNoticesSayNothing", "TestNoticesAreSentAtTheirHourWithOrWithoutNews", "TestNoNoticeFollowsAMessage"},
		"ntfy, or by a signed webhook":                                             {"TestWebhooksAreSigned"},
		"reviewers and stewards add their own address on the panel's page":         {"TestPeopleJoinNoticesFromTheirPage", "TestPeopleJoinAndLeaveByThemselves", "TestServerKeepsAddressesOfThoseWhoJoin"},
		"in it is called in the internet only":                                     {"TestAddressesOfThoseWhoJoinedLeadOutOnly"},
		"An archive holds what was destroyed":                                      {"TestLongArchiveHoldsWhatWasDestroyed"},
		"Kubernetes 1.34 of two nodes it holds":                                    {"TestClusterCheckGoesTheWholeWay", "TestClusterCheckSaysWhatItLacks"},
		"that is gone gets nothing more":                                           {"TestALineThatIsGoneGetsNothingMore"},
		"The release before goes on in between, and may be\nstarted anew":          {"TestSchemaAndProgramMayComeInEitherOrder", "TestAnOlderProgramWorksOnANewerSchemaThatSaysSo"},
		"the Helm chart sends them by a job of its own":                            {"TestNoticesAreSentByOneJob"},
		"replaced by the new program, taken back and replaced again":               {"TestLongUpgradeUnderLoad"},
		"held against the unit's filter":                                           {"TestLongServerKeepsToTheUnitsSystemCalls"},
		"the image, unpacked and run as its user in a root":                        {"TestImageIsSmallStaticNobodysAndTheSameTwice"},
		"name, log, keys and receipts stay good":                                   {"TestLeavingTakesEverythingAlong"},
	})
}
