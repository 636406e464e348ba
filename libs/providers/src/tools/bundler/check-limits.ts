// Providers room, tools. How much code a check or a build takes on. A bundler needs some fifty times the size of what
// it reads, so these bounds are bounds of its memory too.

export interface CodeLimits {
  /** Of all files that are parsed together. */
  readonly codeBytes: number;
  /** Every message of the bundler quotes its line. */
  readonly lineCharacters: number;
  /** Files that an HTML page starts. */
  readonly entries: number;
  /** One run, from when its turn has come. */
  readonly milliseconds: number;
  /** Of all pages that are parsed, one after the other. */
  readonly pageBytes: number;
  /** The synchronous parsing of one page. */
  readonly pageMilliseconds: number;
  /** Of all pages. */
  readonly pagesMilliseconds: number;
}

export const CODE_LIMITS: CodeLimits = {
  codeBytes: 4_194_304,
  lineCharacters: 20_000,
  entries: 16,
  milliseconds: 15_000,
  pageBytes: 4_194_304,
  pageMilliseconds: 2_000,
  pagesMilliseconds: 10_000,
};
