// API room. How many questions of one account this process counts at once. Whoever finds no place is told so at once
// and costs the database nothing.
import { ProblemError } from '../problems/problem-error.js';

export class CountingPlaces {
  private readonly taken = new Map<string, number>();

  constructor(private readonly most: number) {}

  async inPlace<T>(accountId: string, count: () => Promise<T>): Promise<T> {
    const before = this.taken.get(accountId) ?? 0;
    if (before >= this.most) {
      throw new ProblemError('rate_limited', `The usage of this account is being counted ${before} times already.`, {
        members: { limit: this.most },
      });
    }
    this.taken.set(accountId, before + 1);
    try {
      return await count();
    } finally {
      this.leave(accountId);
    }
  }

  private leave(accountId: string): void {
    const left = (this.taken.get(accountId) ?? 1) - 1;
    if (left > 0) this.taken.set(accountId, left);
    else this.taken.delete(accountId);
  }
}
