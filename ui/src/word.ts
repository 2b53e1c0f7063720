/** A word of any script that puts spaces between them. */
export const WORD = /[\p{L}\p{M}]+(?:['\u2019-][\p{L}\p{M}]+)*/gu;
