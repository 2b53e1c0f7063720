/** What a paper kit is made of, for the worker that makes it and the page that shows it. */

/** The key for a pair of members, in age's text form. */
export interface KitFile {
  first: string;
  then: string;
  file: string;
}

/** The most members for whom a kit is made: it has a file for each ordered pair. */
export const MOST_IN_KIT = 7;
