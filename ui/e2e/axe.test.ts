/** The language that most is written in, and the one that is written the other way round. The long tests walk the rest. */
import { plainWalk, scriptedWalk } from "./axe.js";

plainWalk("en");
plainWalk("ar");
scriptedWalk("en");
