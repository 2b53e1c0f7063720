/** The language that most is written in, and the one that is written the other way round. Spanish is walked with the long tests. */
import { walks } from "./axe.js";

walks("en", "ar");
