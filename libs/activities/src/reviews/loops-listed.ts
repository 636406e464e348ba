// Activities room. The loops of a thread that its case lists: a very long thread has more, with more steps, than a row
// can hold and anybody reads. Those that are ours come before others, as they are what credits come back for.
import type { LoopFinding } from '@fairmeter/domain';

const MOST_LOOPS = 500;
/** Over all of them, each counted where it is named. */
const MOST_STEPS = 20_000;

interface Numbered {
  readonly number: number;
  readonly finding: LoopFinding;
}

export class LoopsListed {
  private found = 0;
  private readonly ours = new Bounded();
  private readonly others = new Bounded();

  add(finding: LoopFinding): void {
    this.found += 1;
    const list = finding.cause === 'platform_fault' ? this.ours : this.others;
    list.add({ number: this.found, finding });
  }

  /** As they were found. */
  get listed(): readonly LoopFinding[] {
    const both = new Bounded();
    for (const one of [...this.ours.all, ...this.others.all]) both.add(one);
    return both.all.sort((one, other) => one.number - other.number).map(({ finding }) => finding);
  }

  get leftOut(): number {
    return this.found - this.listed.length;
  }
}

class Bounded {
  readonly all: Numbered[] = [];
  private steps = 0;

  add(one: Numbered): void {
    const { finding } = one;
    const steps = this.steps + finding.steps.length + finding.repeats.length;
    if (this.all.length >= MOST_LOOPS || (this.all.length > 0 && steps > MOST_STEPS)) return;
    this.all.push(one);
    this.steps = steps;
  }
}
