/** Every public page in the language that the shorter tests leave out. */
import { walks } from "./axe.js";

walks("es");
