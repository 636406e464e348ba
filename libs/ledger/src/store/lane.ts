// Ledger room. A lane takes whatever waits and commits it together, one group in flight. A hot scope so pays one lock
// and one fsync for hundreds of posts; what fails alone does not take its neighbours along.
import { refuse } from '@fairmeter/domain';
import { isError } from '@fairmeter/platform';
import type { WriterDatabase } from '@fairmeter/platform/database';
import { CommitUnknown, isAnswered } from '@fairmeter/platform/database';
import { groundAfter, mustComeAfter, scopesAfter, type Left } from './following.js';
import { loadBeyond, loadGround } from './ground.js';
import { GoAgain, OpenedForNothing, OpenFirst } from './go-again.js';
import { Group } from './group.js';
import { lockFree, lockOrTimeOut, lockWithout, scopesOf, type Lock } from './locking.js';
import type { QuietPosts } from './quiet.js';
import type { Remains, ScopeMemory } from './scope-memory.js';
import { prepared, send, type Leave, type Writing } from './sending.js';
import { lockUnchanged, MOVED_ON, peekScopes } from './scope-rows.js';
import { Turns } from './turns.js';
import { answerAll, decideOne, hasToOpen, postsOf, type Settled, type Waiting } from './waiting.js';

export interface LaneLimits {
  /** Posts of one group at most. */
  readonly groupSize: number;
  /** Time for deciding within one group; what is left goes with the next. */
  readonly decideMs: number;
  /** How often a blocked scope is asked for again, 250 ms each, before its posts hear that the ledger is busy. */
  readonly blockedTries: number;
  /** A server that is silent for this long is gone: what became of the group is unknown, and the lane goes on. */
  readonly answersWithinMs: number;
}

/** A group on its way: what it leaves is known when its writes are sent, long before they are committed. */
interface Flight {
  readonly left: Promise<Left | undefined>;
  readonly done: Promise<void>;
}

interface Try {
  readonly leave?: Leave;
  readonly timeOuts?: number;
  /** Scopes that were opened for nothing before: they are not opened again. */
  readonly without?: readonly string[];
}

/** A lock that another process keeps this long means: go around it. */
const BEGIN = "BEGIN; SET LOCAL lock_timeout = '250ms'";
const LOCK_TIMEOUT = '55P03';
const NOBODY: Leave = () => undefined;
const SIZE_BESIDE_QUIET = 16;
/** So many wait: to make room for others would only fill the queue that they share. */
const BACKLOG = 2_000;
/** After so many misses in a row a lane tries one group in 64. */
const MISSES_COUNTED = 6;

export class Lane {
  private readonly queue: Waiting[] = [];
  /** Scopes that somebody else holds: their posts wait apart, in their order, and not in the way of others. */
  private readonly parked = new Map<string, Waiting[]>();
  private isRunning = false;
  private groupsToWait = 0;
  private followersMissed = 0;

  constructor(
    private readonly database: WriterDatabase,
    private readonly limits: LaneLimits,
    private readonly memory: ScopeMemory,
    /** Those that a lane of hot scopes makes room for. */
    private readonly quiet?: QuietPosts,
  ) {}

  add(waiting: Waiting): void {
    const apart = this.parked.get(waiting.post.scopeId);
    if (apart === undefined) this.queue.push(waiting);
    else apart.push(waiting);
    if (!this.isRunning) void this.run();
  }

  /** While one group is being written the next is decided on what that one leaves; never more than these two. */
  private async run(): Promise<void> {
    this.isRunning = true;
    // One turn of the loop lets everything that arrives at the same time into the first group.
    await Promise.resolve();
    let before: Flight | undefined;
    let workedMs = 0;
    while (this.queue.length > 0 || before !== undefined) {
      if (this.queue.length > 0 && this.makesRoom) await this.quiet?.room(workedMs);
      const beganAt = performance.now();
      let left = await before?.left;
      const group = this.nextGroup();
      if (left !== undefined && mustComeAfter(postsOf(group), left)) {
        await before?.done;
        [before, left] = [undefined, undefined];
      }
      const flight = group.length > 0 ? this.start(group, left) : undefined;
      await flight?.left;
      await before?.done;
      before = flight;
      workedMs = performance.now() - beganAt;
    }
    this.isRunning = false;
  }

  private nextGroup(): Waiting[] {
    const { groupSize } = this.limits;
    const isBeside = this.makesRoom && this.quiet?.cameLately === true;
    return this.queue.splice(0, isBeside ? Math.min(groupSize, SIZE_BESIDE_QUIET) : groupSize);
  }

  private get makesRoom(): boolean {
    return this.queue.length < BACKLOG;
  }

  private start(group: Waiting[], before: Left | undefined): Flight {
    let leave: Leave = () => undefined;
    const left = new Promise<Left | undefined>((resolve) => {
      leave = resolve;
    });
    const isFollowing = before !== undefined && this.mayFollow();
    const done = isFollowing ? this.follow(group, before, leave) : this.commit(group, lockOrTimeOut, { leave });
    return {
      left,
      done: done.finally(() => {
        leave(undefined);
      }),
    };
  }

  private mayFollow(): boolean {
    this.groupsToWait = Math.max(0, this.groupsToWait - 1);
    return this.groupsToWait === 0;
  }

  private async commit(group: Waiting[], lock: Lock, given: Try = {}): Promise<void> {
    const { leave = NOBODY, timeOuts = 0, without = [] } = given;
    try {
      const settled = await this.transaction(leave, (writing) => this.work(writing, group, lock));
      await answerAll(settled);
    } catch (error) {
      await this.mend(group, error, { timeOuts, without });
    }
  }

  /** Decided before the locks are got, and written only if nobody else wrote the scopes meanwhile. */
  private async follow(group: Waiting[], before: Left, leave: Leave): Promise<void> {
    try {
      const settled = await this.transaction(leave, async (writing) => {
        const { tx } = writing;
        const recalled = this.memory.recall(postsOf(group), before.self);
        const peeking = peekScopes(tx, scopesOf(group));
        const loading = loadBeyond(tx, postsOf(group), recalled);
        loading.catch(() => undefined);
        const { scopes: found, self } = await peeking;
        if (hasToOpen(group, found)) throw new OpenFirst();
        const scopes = scopesAfter(found, before);
        const loaded = this.memory.isTrueOf(recalled, scopes) ? await loading : null;
        const decided = new Group(scopes, groundAfter(loaded ?? (await loadGround(tx, postsOf(group))), before));
        const settled = await this.decideAll(decided, [...group], group);
        const ready = await prepared(decided);
        const locking = lockUnchanged(tx, scopes);
        // Sent without waiting for the locks: behind a lock that fails nothing is written.
        await Promise.all([locking, send(writing, { self, opened: [] }, ready)]);
        return settled;
      });
      this.followersMissed = 0;
      await answerAll(settled);
    } catch (error) {
      if (sqlState(error) === MOVED_ON) {
        // Another process is at the same scopes: deciding ahead is in vain for a while, longer each time.
        this.followersMissed = Math.min(this.followersMissed + 1, MISSES_COUNTED);
        this.groupsToWait = 2 ** this.followersMissed;
      }
      if (sqlState(error) === MOVED_ON || error instanceof OpenFirst) {
        await this.commit(group, lockOrTimeOut, { leave });
      } else {
        await this.mend(group, error);
      }
    }
  }

  private async work(writing: Writing, group: Waiting[], lock: Lock): Promise<Settled[]> {
    const { tx } = writing;
    const recalled = this.memory.recall(postsOf(group));
    const locking = lock(tx, group);
    // Asked behind the lock in the same round trip; the server begins to read when the lock is got.
    const ahead = loadBeyond(tx, postsOf(group), recalled);
    ahead.catch(() => undefined);
    const { scopes, self, blocked, atOnce, opened } = await locking;
    // Once the rest is committed, and not before: a group that fails is taken apart with all its posts.
    const parking = [...blocked].map((scopeId) => () => {
      this.park(scopeId, group);
    });
    const posts = blocked.size === 0 ? group : group.filter(({ post }) => !blocked.has(post.scopeId));
    if (posts.length === 0) return parking;
    const loaded = atOnce && this.memory.isTrueOf(recalled, scopes) ? await ahead : null;
    const decided = new Group(scopes, loaded ?? (await loadGround(tx, postsOf(posts))));
    const settled = await this.decideAll(decided, posts, group);
    const idle = opened.filter((scopeId) => !decided.hasTouched(scopeId));
    if (idle.length > 0) throw new OpenedForNothing(idle);
    await send(writing, { self, opened }, await prepared(decided));
    return [...parking, ...settled];
  }

  /** What it leaves is remembered before it is committed, for its follower, and forgotten if it is not. */
  private async transaction<T>(leave: Leave, work: (writing: Writing) => Promise<T>): Promise<T> {
    let kept: Remains | undefined;
    try {
      const result = await this.database.transaction(
        (tx) =>
          work({
            tx,
            leave: (left, remains) => {
              kept = remains;
              this.memory.keep(remains);
              leave(left);
            },
          }),
        { begin: BEGIN, withinMs: this.limits.answersWithinMs },
      );
      if (kept !== undefined) this.memory.confirm(kept);
      return result;
    } catch (error) {
      if (kept !== undefined) this.memory.forget(kept);
      if (!isAnswered(error) && !(error instanceof GoAgain)) this.memory.forgetAll();
      throw error;
    }
  }

  /** What is not decided in time goes back to the queue and is no longer of this group. */
  private async decideAll(decided: Group, posts: readonly Waiting[], group: Waiting[]): Promise<Settled[]> {
    const settled: Settled[] = [];
    const turns = new Turns();
    for (const [index, waiting] of posts.entries()) {
      if (turns.isOver) await turns.giveWay();
      if (index > 0 && turns.spentMs > this.limits.decideMs) {
        const late = new Set(posts.slice(index));
        group.splice(0, group.length, ...group.filter((each) => !late.has(each)));
        this.goOnWith([...late]);
        break;
      }
      settled.push(decideOne(decided, waiting));
    }
    return settled;
  }

  /** Before everything that came later; whoever deferred it need not be the one that runs the queue. */
  private goOnWith(waiting: readonly Waiting[]): void {
    this.queue.unshift(...waiting);
    if (!this.isRunning) void this.run();
  }

  /** Nothing of the group was committed, or nobody knows. */
  private async mend(group: Waiting[], error: unknown, { timeOuts = 0, without = [] }: Try = {}): Promise<void> {
    if (error instanceof OpenedForNothing) {
      const unopened = [...without, ...error.scopeIds];
      await this.commit(group, lockWithout(unopened), { timeOuts, without: unopened });
    } else if (sqlState(error) === LOCK_TIMEOUT) {
      // First around the scopes that are held; if it is a table that is locked, that does not help for ever.
      if (timeOuts < this.limits.blockedTries) await this.commit(group, lockFree, { timeOuts: timeOuts + 1 });
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
        const settled = await this.transaction(NOBODY, (writing) => this.work(writing, group, lockOrTimeOut));
        await answerAll(settled);
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

function sqlState(error: unknown): string | undefined {
  const code = isError(error) ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}
