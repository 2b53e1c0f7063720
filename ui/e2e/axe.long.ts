/** Every public page in the languages that the shorter tests leave out. */
import { plainWalk, scriptedWalk } from "./axe.js";

plainWalk("es");
scriptedWalk("es");
scriptedWalk("ar");
