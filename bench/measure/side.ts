// Bench room, measuring. What can be measured: something that takes one job at a time and says when it is over.

export interface Submitted {
  /** From asking to the answer that the job is admitted. */
  readonly admittedMs: number;
  /** When the job counts as done; rejects when it ended in another way than it should. */
  readonly done: Promise<void>;
}

export interface Side {
  readonly name: string;
  submit(): Promise<Submitted>;
}
