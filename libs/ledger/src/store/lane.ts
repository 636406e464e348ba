// Ledger room. A lane takes whatever waits and commits it together, one group in flight. A hot scope so pays one lock
// and one fsync for hundreds of posts; what fails alone does not take its neighbours along.
import { refuse } from '@fairmeter/domain';
import type { Transaction, WriterDatabase } from '@fairmeter/platform/database';
import { CommitUnknown, isAnswered } from '@fairmeter/platform/database';
import { loadGround, lockFreeScopes, lockScopes, openScopes, type LockedScope } from './ground.js';
import { Group } from './group.js';
import type { Post, PostOutcome } from './post.js';
import { writeAll } from './write.js';

export interface LaneLimits {
  /** Posts of one group at most. */
  readonly groupSize: number;
  /** Time for deciding within one group; what is left goes with the next. */
  readonly decideMs: number;
  /** How often a blocked scope is asked for again, 250 ms each, before its posts hear that the ledger is busy. */
  readonly blockedTries: number;
}

export interface Waiting {
  readonly post: Post<object>;
  readonly answer: (outcome: PostOutcome<object>) => void;
  readonly fail: (error: unknown) => void;
}

type Settled = () => void;

/** A lock that another process keeps this long means: go around it. */
const BEGIN = "BEGIN; SET LOCAL lock_timeout = '250ms'";
/** A server that is silent for this long is gone: what became of the group is unknown, and the lane goes on. */
const WITHIN = { begin: BEGIN, withinMs: 30_000 };
const LOCK_TIMEOUT = '55P03';

export class Lane {
  private readonly queue: Waiting[] = [];
  /** Scopes that somebody else holds: their posts wait apart, in their order, and not in the way of others. */
  private readonly parked = new Map<string, Waiting[]>();
  private isRunning = false;

  constructor(
    private readonly database: WriterDatabase,
    private readonly limits: LaneLimits,
  ) {}

  add(waiting: Waiting): void {
    const apart = this.parked.get(waiting.post.scopeId);
    if (apart === undefined) this.queue.push(waiting);
    else apart.push(waiting);
    if (!this.isRunning) void this.run();
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    // One turn of the loop lets everything that arrives at the same time into the first group.
    await Promise.resolve();
    while (this.queue.length > 0) await this.commit(this.queue.splice(0, this.limits.groupSize), lockOrTimeOut);
    this.isRunning = false;
  }

  private async commit(group: Waiting[], lock: Lock, timeOuts = 0): Promise<void> {
    try {
      const settled = await this.database.transaction((tx) => this.work(tx, group, lock), WITHIN);
      for (const settle of settled) settle();
    } catch (error) {
      await this.mend(group, error, timeOuts);
    }
  }

  private async work(tx: Transaction, group: Waiting[], lock: Lock): Promise<Settled[]> {
    const locking = lock(tx, group);
    // Asked behind the lock in the same round trip; the server begins to read when the lock is got.
    const ahead = loadGround(tx, postsOf(group));
    ahead.catch(() => undefined);
    const { locked, blocked, atOnce, opened } = await locking;
    // Once the rest is committed, and not before: a group that fails is taken apart with all its posts.
    const settled: Settled[] = [...blocked].map((scopeId) => () => {
      this.park(scopeId, group);
    });
    const posts = group.filter(({ post }) => !blocked.has(post.scopeId));
    if (posts.length === 0) return settled;
    const decided = new Group(locked, await (atOnce ? ahead : loadGround(tx, postsOf(posts))));
    const until = performance.now() + this.limits.decideMs;
    for (const [index, waiting] of posts.entries()) {
      if (index > 0 && performance.now() > until) {
        settled.push(() => {
          this.goOnWith(posts.slice(index));
        });
        break;
      }
      settled.push(decideOne(decided, waiting));
    }
    const idle = opened.filter((scopeId) => !decided.hasTouched(scopeId));
    if (idle.length > 0) throw new OpenedForNothing(idle);
    if (decided.hasWritten) await writeAll(tx, decided.written());
    return settled;
  }

  /** Before everything that came later; whoever deferred it need not be the one that runs the queue. */
  private goOnWith(waiting: readonly Waiting[]): void {
    this.queue.unshift(...waiting);
    if (!this.isRunning) void this.run();
  }

  /** Nothing of the group was committed, or nobody knows. */
  private async mend(group: Waiting[], error: unknown, timeOuts = 0): Promise<void> {
    if (error instanceof OpenedForNothing) {
      await this.commit(group, lockWithout(error.scopeIds), timeOuts);
    } else if (sqlState(error) === LOCK_TIMEOUT) {
      // First around the scopes that are held; if it is a table that is locked, that does not help for ever.
      if (timeOuts < this.limits.blockedTries) await this.commit(group, lockFree, timeOuts + 1);
      else for (const waiting of group) waiting.answer(refuse({ code: 'ledger_busy' }));
    } else if (group.length > 1 && !(error instanceof CommitUnknown) && isAnswered(error)) {
      // One of them is poison to the database: each goes alone, and it fails alone.
      for (const waiting of group) await this.commit([waiting], lockOrTimeOut);
    } else {
      for (const waiting of group) waiting.fail(error);
    }
  }

  private park(scopeId: string, group: Waiting[]): void {
    const posts = group.filter(({ post }) => post.scopeId === scopeId);
    const apart = this.parked.get(scopeId);
    if (apart !== undefined) {
      apart.push(...posts);
      return;
    }
    this.parked.set(scopeId, posts);
    void this.runParked(scopeId);
  }

  private async runParked(scopeId: string): Promise<void> {
    const posts = this.parked.get(scopeId) ?? [];
    for (let tries = 1; posts.length > 0; tries++) {
      const group = posts.splice(0, this.limits.groupSize);
      try {
        const settled = await this.database.transaction((tx) => this.work(tx, group, lockOrTimeOut), WITHIN);
        for (const settle of settled) settle();
        tries = 0;
      } catch (error) {
        if (sqlState(error) !== LOCK_TIMEOUT) await this.mend(group, error);
        else if (tries < this.limits.blockedTries) posts.unshift(...group);
        else for (const waiting of group) waiting.answer(refuse({ code: 'ledger_busy' }));
      }
    }
    this.parked.delete(scopeId);
  }
}

/** A refusal writes nothing: the group is taken back and goes again without the scopes that nothing came to. */
class OpenedForNothing extends Error {
  constructor(readonly scopeIds: readonly string[]) {
    super(`opened for nothing: ${scopeIds.join(', ')}`);
  }
}

interface Locking {
  readonly locked: LockedScope[];
  readonly blocked: ReadonlySet<string>;
  /** True when the first statement got every lock there is to get: what was asked behind it stands on them. */
  readonly atOnce: boolean;
  /** Scopes that were not there before. */
  readonly opened: readonly string[];
}

type Lock = (tx: Transaction, group: readonly Waiting[]) => Promise<Locking>;

const NONE: ReadonlySet<string> = new Set();

const lockOrTimeOut: Lock = async (tx, group) => lockAndOpen(tx, group, []);

const lockWithout =
  (unopened: readonly string[]): Lock =>
  async (tx, group) =>
    lockAndOpen(tx, group, unopened);

async function lockAndOpen(tx: Transaction, group: readonly Waiting[], unopened: readonly string[]): Promise<Locking> {
  const scopeIds = scopesOf(group);
  const locked = await lockScopes(tx, scopeIds);
  if (locked.length === scopeIds.length) return { locked, blocked: NONE, atOnce: true, opened: [] };
  const found = new Set(locked.map((scope) => scope.scopeId));
  const fresh = group
    .map(({ post }) => post)
    .filter(({ scopeId, load }) => !found.has(scopeId) && !unopened.includes(scopeId) && load.openScope === true);
  if (fresh.length === 0) return { locked, blocked: NONE, atOnce: true, opened: [] };
  const opened = await openScopes(tx, uniqueScopes(fresh));
  return { locked: await lockScopes(tx, scopeIds), blocked: NONE, atOnce: false, opened };
}

const lockFree: Lock = async (tx, group) => {
  const scopeIds = scopesOf(group);
  const locked = await lockFreeScopes(tx, scopeIds);
  const found = new Set(locked.map((scope) => scope.scopeId));
  // A scope that does not exist cannot be blocked, but it is opened only by the way that waits.
  const blocked = new Set(scopeIds.filter((scopeId) => !found.has(scopeId)));
  return { locked, blocked, atOnce: blocked.size === 0, opened: [] };
};

function postsOf(group: readonly Waiting[]): Post<object>[] {
  return group.map(({ post }) => post);
}

function scopesOf(group: readonly Waiting[]): string[] {
  return [...new Set(group.map(({ post }) => post.scopeId))].sort();
}

function uniqueScopes(posts: readonly Post<object>[]): Post<object>[] {
  return [...new Map(posts.map((post) => [post.scopeId, post])).values()];
}

function decideOne(group: Group, waiting: Waiting): Settled {
  try {
    const outcome = group.decide(waiting.post);
    return () => {
      waiting.answer(outcome);
    };
  } catch (error) {
    return () => {
      waiting.fail(error);
    };
  }
}

function sqlState(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}
