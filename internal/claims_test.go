package internal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// claims binds sentences of README.md to the tests that break when they stop being true. A sentence that is changed has
// to be looked at here again. SECURITY.md names its tests itself.
var claims = map[string][]string{
	"Their\nown browser locks the words before they leave":                                  {"e2e: no request of a whole visit holds a word, a choice or the receipt, and the panel reads what was told to the byte"},
	"the clinic, holds the key, opens\nand reads":                                           {"TestWhatIsToldCanBeReadByThePanelOnly", "TestPanelIsForThePanel"},
	"You see eight words":                                                                   {"TestThanksShowsWordsDigitsAndTicketOnce"},
	"Turn JavaScript off and do it again, or use a text browser":                            {"TestUnscriptedWordsComeBackByteForByte", "e2e: a text browser fills the form, sends it and shows the eight words"},
	"is inside a file of one of two sizes, with no hour and no order":                       {"TestSizesAtTheEdgesOfTheBuckets", "TestNoFineTimesAnywhere", "TestOrderLeavesNoTrace"},
	"The public `age` opens what was pulled":                                                {"TestPublicAgeOpensWhatWasPulled"},
	"has a shell recipe with nothing but `age` and `curl`":                                  {"TestRecipeByHand"},
	"both make\n  the same bytes outside, and share their test vectors":                     {"TestReceiptVectors", "TestPlaintextVectors", "TestOpensWhatABrowserSealed"},
	"takes words only after enough\n  of them opened their wrap and signed":                 {"TestNoEpochTakesWordsBeforeEnoughAcks"},
	"Whoever signs in makes what is missing and checks what is new, without a click":        {"e2e: a newcomer is put on the list by two signatures and their own, and browsers make and check the new keys by themselves"},
	"survive people who come and go":                                                        {"e2e: somebody leaves: a new list, their keys called back, new keys at once, and the form stays open", "TestPanelLooksAfterItsKeys"},
	"are destroyed when their time is over":                                                 {"e2e: a key whose time is over is destroyed by two, and what was written to it is gone", "TestShreddingDestroysWrapsAndFiles"},
	"says which way one came in and what that hides":                                        {"TestPagesSayWhichWayOneCame", "TestOnionLocationCannotBeBent"},
	"The server can get its own certificates":                                               {"TestServerGetsItsCertificateByItself"},
	"an OCI image without a daemon, under 40 MB, the same bytes each time":                  {"TestImageIsSmallStaticNobodysAndTheSameTwice"},
	"The page scripts, the program and the image follow from the source":                    {"TestPageScriptsAreTheSameFromAnotherFolder", "TestImageIsSmallStaticNobodysAndTheSameTwice", "TestLongAStrangerBuildsTheSame"},
	"and with the scripts of your own build":                                                {"TestOldPageCodeIsNamedAsOld"},
	"looks at a running place and says what is wrong":                                       {"TestWhatAProxyChangesIsFound", "TestLeaksAreFoundAndTheirCureHelps"},
	"so that they do not tell when somebody wrote":                                          {"TestScrapeDoesNotTellThatSomebodyWrote"},
	"What\nwas told can be taken back with the eight words alone":                           {"TestWithdrawalRemovesTheFileAtOnceAndIsLoggedAfterTheMessage", "TestWordsAreTakenBackWithoutScript"},
	"The\n  server holds no private key":                                                    {"TestServerHoldsNoPrivateKey"},
	"There is no column with an hour in it":                                                 {"TestNoFineTimesAnywhere"},
	"An acknowledged message is on disk":                                                    {"TestCheckRefusesCommitsThatDoNotWait", "TestBatchDropsNothingUnderLoad"},
	"The same message sent twice is stored once and gets the same ticket":                   {"TestSameMessageAgainGetsTheSameTicket", "TestDoubleClickStoresOneRow"},
	"with `--offline` the same commands read, code, note, decide and answer\n  in it":       {"TestOneOfThreeReviewersWorksWithoutANetwork", "TestARuleOfThePanelHoldsInAFolder"},
	"Words follow for one message at a time":                                                {"TestOneOfThreeReviewersWorksWithoutANetwork"},
	"answers a message on which you declared in that folder":                                {"TestOneOfThreeReviewersWorksWithoutANetwork"},
	"by the same rules and the same program":                                                {"TestWorkWithoutANetworkComesToTheSameState"},
	"sends the very files that were sealed there":                                           {"TestARuleOfThePanelHoldsInAFolder", "TestAPushThatIsCutOffGoesOn"},
	"What happened meanwhile is\n  shown, and nothing is written over":                      {"TestWhatHappenedMeanwhileIsShownAndNothingIsWrittenOver"},
	"A folder that was in strange hands is believed nothing":                                {"TestAFolderFromStrangeHandsHarmsNothing", "TestAKeyPutIntoAFolderIsNotThePanels"},
	"Declare that nothing ties you to what you told":                                        {"e2e: three reviewers come from the queue to a finding, no word leaves a worker before its reviewer declares, and every state is accessible"},
	"which that page reads from paper with the camera":                                      {"e2e: the camera reads the receipt's square, and is off afterwards; without one the page says to type"},
	"names the\n  file of every changed byte; `unzip`, `sha256sum` and `ssh-keygen` do too": {"TestAChangedByteIsNamedByItsFile", "TestPublicToolsCheckABundle"},
	"no key of the server speaks for them":                                                  {"TestABundleIsSignedByThePanelAndLogged"},
	"there is no way to get rows out":                                                       {"TestABundleReadsNoMessages"},
	"that `answerable export verify` checks without a network":                              {"e2e: the file that one keeps holds answers and proofs, and a terminal checks it"},
	"The writer finds the acts on their\n  own messages where they come back":               {"TestAWriterFindsTheActsOnTheOwnMessages"},
	"to and fro without loss, and everything to look over at the end":                       {"e2e: one group of questions a page, to and fro without loss, looked over, changed and sent, and the list of pages tells nothing"},
	"where that part does not load, one long page":                                          {"e2e: what loads before one sends is small and moves nothing, and what comes when it is asked for is small too"},
	"Answers that do not go together are asked about once":                                  {"TestADoubtIsAskedOnceAndKeepsTheWords", "e2e: without script, answers that do not go together are asked about once, and nothing is lost"},
	"says its label where the device has a voice of its own":                                {"e2e: the whole form is answered by pressing pictures, and each can say its label by a voice of the device"},
	"a face alone is\n  something told, and nobody codes or counts it":                      {"TestAFaceAloneIsSomethingSaid", "TestAFaceIsNeverCoded", "e2e: a face alone is told by pressing it, looked over, sent, and read by the panel"},
	"off unless the panel can play it safely, as it\ncannot yet":                            {"TestEveryChoiceHasCodesAndEveryDefaultIsOneOfThem"},
	"its own, as does what one has to know first":                                           {"e2e: no voice that works over the network says a word, and none says what somebody typed"},
	"lead to the first, and the panel's desk to both":                                       {"TestPagesLeadToTheFormOnPaper", "e2e: the stewards' page stands up to all of it", "e2e: the panel's page stands up to it in every state"},
	"each copy with eight words of its own on a strip to tear off":                          {"TestPaperAsksTheSameAndEachCopyHasWordsOfItsOwn", "e2e: a form from paper is entered under the words of its strip, with the week and no day"},
	"sealed apart and tied to nothing":                                                      {"TestWhatSomebodySaysAboutThemselvesIsTiedToNothing"},
	"types the eight words: then they are one more sealed file":                             {"TestWhoWishesItTiesWhatTheySayAboutThemselvesToWhatTheyTold", "TestNothingAboutAPersonIsTiedOrSentByMistake", "e2e: who wishes it ties what they say about themselves, and it is taken back with the rest", "e2e: answers that stay apart are tied to nothing, though words were typed, in every language"},
	"no coding, finding, figure or export holds a word of it":                               {"TestAnswersAboutAPersonAreReadBesideTheirMessageAndMoveNothing", "TestABundleReadsNoMessages"},
	"Two are asked in another way: `pictures` is three faces":                               {"TestAFaceAloneIsSomethingSaid"},
	"and `communities`\ntakes own words alone, with no list to tick":                        {"TestEveryChoiceHasCodesAndEveryDefaultIsOneOfThem"},
	"With `--lang es` or `--lang ar` it is in Spanish or Arabic":                            {"TestRealInstanceFromNothing", "TestAPosterAsAFileSaysInEveryLanguageWhatThePageDoes"},
	"One question of `form_v1.json` is not asked":                                           {"TestEveryChoiceHasCodesAndEveryDefaultIsOneOfThem"},
	"keeps its own sandbox, and root lends it the user nobody":                              {"TestABrowserThatPrintsIsGivenNoSecrets"},
	"with it go the cosignatures of the log's witnesses":                                    {"TestABundleSaysWhichWitnessesCosignedItsPlace", "TestABundleIsSignedByThePanelAndLogged"},
	"with a preview of all that is signed":                                                  {"e2e: what the form says and asks takes effect when enough of the panel have signed, and is kept with its day"},
	"reads on the page, line by line, what changes in what holds now":                       {"e2e: what the form says and asks takes effect when enough of the panel have signed, and is kept with its day"},
	"In the language that its settings name, one of those of the pages":                     {"TestAClinicsOwnWordsAreInTheLanguageThatItsPanelNames"},
	"before the first settings the operator can name one":                                   {"TestAClinicsOwnWordsAreInTheLanguageThatItsPanelNames"},
	"and hold when enough have signed; every change is in the log":                          {"TestThePanelDecidesWhatTheFormSaysAndAsks", "e2e: what the form says and asks takes effect when enough of the panel have signed, and is kept with its day"},
	"at most 45 KiB before the first send":                                                  {"e2e: what loads before one sends is small and moves nothing, and what comes when it is asked for is small too"},
	"A KB is 1000 bytes":                                                                    {"e2e: what loads before one sends is small and moves nothing, and what comes when it is asked for is small too", "e2e: no script of a page for writers and the public is larger than 60 KB, and the table of them says how large each is"},
	"page and sheet, at most 14 KiB in each language":                                       {"TestTheFormWithoutScriptIsSmallInEveryLanguage"},
	"and the page with its headers no more than that either":                                {"TestTheFormWithoutScriptIsSmallInEveryLanguage"},
	"On every page for writers and the public, Shift three times":                           {"TestEveryPageForWritersAndThePublicCanBeLeftByKeys", "e2e: Shift three times leaves every page for writers and the public, says so before, and going back does not return there"},
	"leaves at once;\n  the page says what that cannot hide":                                {"e2e: Shift three times leaves every page for writers and the public, says so before, and going back does not return there", "e2e: without script the link leaves, and every page says what leaving cannot hide"},
	"empties itself after a quiet minute, with a warning before":                            {"e2e: a page that nobody touches warns, stays for any key, and otherwise wipes itself", "e2e: going back to it finds nothing, and links and forms stay on the same device, in a browser that keeps pages"},
	"The writer finds the own leaf with the eight words":                                    {"TestAWriterFindsTheOwnLeafAndAStrangerChecksIt", "e2e: with the eight words a writer finds the own mark, and no request depends on them"},
	"signed a later day without it: only then is it a proof":                                {"TestDroppedReportsAreFound", "TestPlacesWitnessEachOther", "e2e: a broken promise is proved only by a witness who signed a later day, and whose list it is stands beside it"},
	"print all that is about to be signed, the words too, and ask":                          {"TestNothingIsSignedThatNobodyLookedAt", "TestAllThatGoesOutAndAllThatIsAgreedOnIsPrinted"},
	"where a colleague has written since, nothing is signed":                                {"TestNothingIsSignedThatNobodyLookedAt", "TestAHashNamesWhatWouldBeSignedAndNothingElse"},
	"the panel compares what it is given with\n  the log":                                   {"TestDroppedReportsAreFound"},
	"places witness each other":                                                             {"TestPlacesWitnessEachOther"},
	"Files that open to nothing hide how many people wrote":                                 {"TestDecoysLookLikeEverythingElse", "TestDecoysAreDrawnUniformly"},
	"A database that was set back\nis then refused":                                         {"TestRolledBackDatabaseIsRefused", "TestDroppedReportsAreFound"},
	"Two checkpoints that cannot\nboth be true are written down together":                   {"TestDroppedReportsAreFound", "TestEquivocationIsProvenByTwoCheckpoints"},
	"A witness that is down delays nothing but\nwhat the policy makes wait for it":          {"TestWitnessesCosignWhatExtendsAndPublish", "TestPlacesWitnessEachOther"},
	"read by Tessera's own checker over HTTP":                                               {"TestTesseraFindsNothingWrongWithOurLog"},
	"a batch killed at every statement it sends":                                            {"TestKilledAtEveryStepTheBatchResumes"},
	"keeps the arrows between them pointing down":                                           {"TestImportsKeepTheFloors"},
	"can never change; it has no port in it":                                                {"TestOriginIsChosenOnce"},
	"the page, and seals only to the panel whose fingerprint you give it":                   {"TestKeysThatAreNotThePanelsAreNotSealedTo", "e2e: a key that is not shown to be the panel's locks nothing, and the page says what is wrong"},
	"makes every key that is needed, three ahead and at least three weeks":                  {"TestRotationRulesTheNextEpochs", "TestPanelLooksAfterItsKeys"},
	"a form that opens too early is refused with the same list":                             {"TestAClinicFromNothingToAnOpenForm", "TestRealInstanceFromNothing"},
	"who runs the place and reads\nnothing":                                                 {"TestAStewardSitsOnNoPanel", "TestRealInstanceFromNothing"},
	"its code makes the form check it":                                                      {"TestPosterCodeLeadsToTheFormWithTheFingerprint", "e2e: the fingerprint that a poster's address carries must be the panel's"},
	"A form that is open stays open when a step lapses later":                               {"TestAnOpenFormStaysOpenWhenAStepLapses"},
	"keeps it with a passkey, in a locked file with seven words, or on paper":               {"e2e: three people join from a steward's links, each keeps their key in another way and comes back by it", "e2e: nothing of the key, its words or the invitation is stored on the device, and only the invitation is ever sent"},
	"makes a key there, or brings one":                                                      {"e2e: a key made with age-keygen -pq, and one on paper, can be brought along"},
	"Nobody can prove who is behind a panel's key":                                          {"TestKeysPageSaysThatNobodyCanProveWhoHoldsAKey"},
	"A panel\n  can decide that k of n open an epoch":                                       {"TestEnoughOfThePanelOpenTogether", "e2e: one asks, another gives their part, and the words are there"},
	"nobody can give it alone, and it takes as many answers as open a key":                  {"TestNewcomerGetsFutureEpochsOnlyUnlessEnoughAnswer"},
	"two members and the public `age`":                                                      {"TestTwoOpenAnEpochInATerminal"},
	"Answers to a request to open are not copied":                                           {"TestBackupKeepsWrapsApart"},
	"wraps and files are destroyed, copies of the database end later":                       {"TestShreddingDestroysWrapsAndFiles"},
	"waits at most 20 seconds for the database":                                             {"TestLongReplicasLoseNothing"},
	"nothing acknowledged was lost; service was back":                                       {"TestLongReplicasLoseNothing", "TestLongPooledPathKeepsNoSession"},
	"pods at the *restricted* level of the Pod\nSecurity Standards":                         {"TestEverySizeIsRestrictedWithoutChange"},
	"nothing let out but to what you name":                                                  {"TestNetworkPolicyLetsOutWhatIsNamed"},
	"and every value":                                                                       {"TestREADMEAndSchemaSayWhatValuesSay"},
	"an old copy of the rest does not bring back what was destroyed since":                  {"TestOldCopyDoesNotReopenWhatWasShredded"},
	"A copy is made through the database connection, as everything was at one moment":       {"TestBackupComesBackWhole", "TestBackupKeepsWrapsApart"},
	"are removed, so that what a panel has destroyed ends for good":                         {"TestOldCopiesOfWrapsGo"},
	"on plain http from another machine a\nbrowser cannot seal, and the page says so":       {"e2e: over plain http from another machine the page says why it cannot lock, and the plain form works"},

	"A promise never changes and its date moves only before it has\n  come":                                        {"TestAPromiseLivesFromMadeToHeld", "TestOnlyTwoMembersMakeAPromiseKept"},
	"that it is kept takes two members of the panel":                                                               {"TestOnlyTwoMembersMakeAPromiseKept", "e2e: who speaks for the clinic joins and answers without script, the panel looks and two of it judge, and everybody sees it"},
	"How many were asked is kept nowhere":                                                                          {"TestNothingIsKeptOfWhoWasAsked"},
	"No word of the clinic stands there before a member has looked":                                                {"TestNothingOfTheClinicIsPublicBeforeThePanelLooked", "TestALiaisonAnswersAndPromises"},
	"on plain pages, with eight\n  words and no password":                                                          {"TestALiaisonsWordsAreTheOnlyWayIn", "e2e: who speaks for the clinic joins and answers without script, the panel looks and two of it judge, and everybody sees it"},
	"A card before the story, and a declaration before it opens":                                                   {"TestThreeReviewersWorkFromTheQueueToAFinding", "TestCommandLine", "e2e: three reviewers come from the queue to a finding, no word leaves a worker before its reviewer declares, and every state is accessible"},
	"Two codings that are frozen before either\n  is seen":                                                         {"TestNoCodingIsHandedOutBeforeBothAreIn", "TestDifferingCodingsWaitForWordsOrAThird"},
	"a decision that cannot go\n  above what the writer allowed":                                                   {"TestNothingGoesOutAboveTheLadder", "TestWhateverHappensNothingGoesOutThatMustNot"},
	"two whole days in which any member may object":                                                                {"TestAFindingWaitsTwoWholeDaysAfterTheNewestDecision", "TestAnObjectionStopsTheDecisionBeforeIt"},
	"A search goes through the words of reports that a reviewer has declared on, in\n  their own browser":          {"e2e: a search goes through what was declared on, can be stopped, keeps an index only when asked, and no request holds what is looked for"},
	"says how the work lies\n  on the panel, and leaves out what may hold a theme":                                 {"TestTheTerminalSharesFairlyAndLeavesOutThemes", "TestOneOfThreeReviewersWorksWithoutANetwork"},
	"It keeps a sealed index on the device only for who\n  asks":                                                   {"e2e: a search goes through what was declared on, can be stopped, keeps an index only when asked, and no request holds what is looked for"},
	"reports are listed that share themes, service and rare words":                                                 {"e2e: from a report that two agree on, others like it are listed with what they share, and the panel sees its weeks"},
	"who handed something back is written down nowhere":                                                            {"TestWeeksShowWorkAndRestAndWhatWasHandedBackWithoutAName"},
	"New reviewers\n  practise on invented reports":                                                                {"TestEveryExampleHasAKeyThatCoversItAndAReasonForEachCode", "e2e: new reviewers practise on invented reports, with script and without, and nothing of it is sent or kept"},
	"the server sees who does which part":                                                                          {"TestOfThePanelsWorkOnlyWhoDoesWhatLiesInTheClear"},
	"On the panel's page no word of a message leaves\n  the worker that opens it before its reviewer has declared": {"e2e: three reviewers come from the queue to a finding, no word leaves a worker before its reviewer declares, and every state is accessible"},
	"each act of the panel is signed and has a leaf in the log":                                                    {"TestAnActAndItsLeafAreOne", "TestThreeReviewersWorkFromTheQueueToAFinding"},
	"Files that open to nothing get such leaves too":                                                               {"TestDecoysAndJunkGetActsToo", "TestTheOddsOfCoverActs"},

	"and signs\nexactly that list": {"TestExactlyTheListThatWasShownIsSigned", "TestFirstEvening"},
	"the calling back of a key that a server hides is found\n  there too, before anybody makes or signs": {"TestListsAndRevocationsThatAreHeldBackStopEverything", "TestKeysOfBeforeADecisionAreNeitherMadeNorSigned"},
	"public log first, and finds out what the server hides of the panel and its keys":                    {"TestListsAndRevocationsThatAreHeldBackStopEverything", "TestKeyPastItsDaysIsNotSealedToOnceAnotherFollows"},
	"With them a writer also reads the panel's answers, writes again,\nand changes who may see what":     {"TestWithoutScriptAnswersAreReadAndGivenForThreeRounds", "TestWithoutScriptConsentIsChangedAndWhatHappenedSinceIsTold", "e2e: with script a writer reads answers and writes again for three rounds, and no request holds a word"},
	"posted to a mailbox that names no message":                                                          {"TestNothingTiesAMailboxToAMessageInTheMiddleOfItAll"},
	"sees that somebody visits this site and, by sizes, that they write and send something":              {"TestPagesSayWhatANetworkSees", "TestSizesAtTheEdgesOfTheBuckets"},
	"Every mailbox answers with the same length after the same time":                                     {"TestAFullMailboxAndWrongWordsTakeTheSameTime", "TestEveryPageOfEveryMailboxHasTheSameSize"},
	"browser checks that\n  somebody on the panel signed":                                                {"e2e: an answer that is not the panel's is marked, and lists that do not hold make every answer so", "TestReplyVectors"},
	"Without script the server sees it all for a moment, and the page says so":                           {"e2e: without script the same three rounds go through the server for a moment, and the page says so"},
	"It is checked without a network":                                                                    {"e2e: the file that one keeps holds answers and proofs, and a terminal checks it"},
	"From a terminal one comes back, and the panel answers":                                              {"TestAWriterAndThePanelSpeakInATerminalForThreeRounds"},

	// Figures.
	"no count of one to ten reports can be worked out, not even by\n  someone who knows every total": {"TestNoSmallCellCanBeWorkedOut", "TestSmallTablesAreSafeHoweverOneTries", "TestAuditEqualsLinearProgramming"},
	"covers a period that was fixed before, shares no day with another":                              {"TestPeriodsAreReleasedOnceAndInTime", "TestNoSequenceOfReleasesSharesAReport"},
	"signed by\n  reviewers and never changes; before that nobody outside the panel can read it":     {"TestNothingIsReadableBeforeReviewersSigned", "TestReleasesNeverChange"},
}

func TestClaimsNameTestsThatExist(t *testing.T) {
	tests := allTests(t)
	readme := oneLine(read(t, "README.md"))
	for sentence, names := range claims {
		if !strings.Contains(readme, oneLine(sentence)) {
			t.Errorf("README.md no longer says %q: look at what shows it", sentence)
		}
		for _, name := range names {
			if !tests[name] {
				t.Errorf("README.md says %q, shown by %s, which is not there", sentence, name)
			}
		}
	}
	quoted := regexp.MustCompile("`(Test[A-Za-z0-9]+)`")
	security := read(t, "SECURITY.md")
	for _, m := range quoted.FindAllStringSubmatch(security, -1) {
		if !tests[m[1]] {
			t.Errorf("SECURITY.md names %s, which is not there", m[1])
		}
	}
	rows := 0
	for _, line := range strings.Split(security, "\n") {
		if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| who ") {
			rows++
			if !quoted.MatchString(line) {
				t.Errorf("SECURITY.md has a row that no test shows: %.60s", line)
			}
		}
	}
	if rows < 10 {
		t.Errorf("SECURITY.md's table has %d rows", rows)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// oneLine makes a text that is the same however it is wrapped.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// allTests finds the names of the Go tests, and the titles of the browser tests after "e2e: ".
func allTests(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	inGo := regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9]+)\(`)
	inBrowser := regexp.MustCompile(`(?m)^test\("([^"]+)"`)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, "_test.go") {
			b, err := os.ReadFile(path)
			for _, m := range inGo.FindAllStringSubmatch(string(b), -1) {
				names[m[1]] = true
			}
			return err
		}
		if (strings.HasSuffix(path, ".test.ts") || strings.HasSuffix(path, ".long.ts")) && filepath.Base(filepath.Dir(path)) == "e2e" {
			b, err := os.ReadFile(path)
			for _, m := range inBrowser.FindAllStringSubmatch(string(b), -1) {
				names["e2e: "+m[1]] = true
			}
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
