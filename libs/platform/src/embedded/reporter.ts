// Embedded servers: how progress is told. The libraries print nothing themselves; whoever starts them listens.

export interface Reporter {
  /** A fact worth keeping on the screen. */
  line(text: string): void;
  /** Where a long step stands; called about once a second, a listener may thin it out. */
  progress(text: string): void;
}

export const silentReporter: Reporter = { line: () => undefined, progress: () => undefined };
