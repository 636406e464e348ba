// Ledger room. The only way money moves: lock the scope, load, decide by a pure rule, write everything in one
// transaction. A repeated key gets the stored answer; another body under it is refused (`operation.applied-once`).
import { refuse } from '@fairmeter/domain';
import type { WriterDatabase } from '@fairmeter/platform/database';
import type { LaneLimits } from './lane.js';
import { Lane } from './lane.js';
import type { Post, PostOutcome } from './post.js';
import { QuietPosts } from './quiet.js';
import { ScopeMemory } from './scope-memory.js';

export interface LedgerStoreOptions extends Partial<LaneLimits> {
  /** Lanes write side by side; a scope has one of them, or while it is hot the one beside them. */
  readonly lanes?: number;
  /** Posts that may wait; beyond it the answer is `ledger_busy` at once. */
  readonly waitingMax?: number;
  /** Hears of each post that was answered so. */
  readonly onBusy?: () => void;
}

/** So many posts of one scope waiting at once make it hot: it goes to a lane where no quiet scope waits behind it. */
const HOT_FROM = 24;

/** Small groups: decoding and deciding one of them keeps the thread from everybody else. */
const DEFAULTS = {
  lanes: 4,
  waitingMax: 20_000,
  groupSize: 128,
  decideMs: 20,
  blockedTries: 20,
  answersWithinMs: 30_000,
};

export class LedgerStore {
  private readonly lanes: readonly Lane[];
  private readonly hotLane: Lane;
  private readonly waitingMax: number;
  private readonly onBusy: (() => void) | undefined;
  private readonly quiet = new QuietPosts();
  private waiting = 0;
  /** A scope that is hot stays so until none of its posts wait. */
  private readonly scopes = new Map<string, { waiting: number; quiet: number; isHot: boolean }>();

  constructor(database: WriterDatabase, options: LedgerStoreOptions = {}) {
    const { lanes, waitingMax, onBusy, ...limits } = { ...DEFAULTS, ...options };
    const memory = new ScopeMemory();
    this.lanes = Array.from({ length: lanes }, () => new Lane(database, limits, memory));
    this.hotLane = new Lane(database, limits, memory, this.quiet);
    this.waitingMax = waitingMax;
    this.onBusy = onBusy;
  }

  /**
   * Applies the post once, or answers what it answered before. A refusal writes nothing. Throws only when the world
   * failed: the caller asks again with the same key, which is safe also after an end that nobody saw.
   */
  async post<R extends object>(post: Post<R>): Promise<PostOutcome<R>> {
    if (this.waiting >= this.waitingMax) {
      this.onBusy?.();
      return refuse({ code: 'ledger_busy' });
    }
    this.waiting += 1;
    const scope = this.scopes.get(post.scopeId) ?? { waiting: 0, quiet: 0, isHot: false };
    this.scopes.set(post.scopeId, scope);
    scope.waiting += 1;
    scope.isHot ||= scope.waiting >= HOT_FROM;
    const { isHot } = scope;
    if (!isHot) {
      scope.quiet += 1;
      this.quiet.came(post.scopeId);
    } else if (scope.quiet > 0) {
      this.quiet.turnedHot(post.scopeId, scope.quiet);
      scope.quiet = 0;
    }
    try {
      return await new Promise<PostOutcome<R>>((resolve, reject) => {
        (isHot ? this.hotLane : this.laneOf(post.scopeId)).add({
          post,
          answer: (outcome) => {
            if (!outcome.ok && outcome.refusal.code === 'ledger_busy') this.onBusy?.();
            resolve(outcome as PostOutcome<R>);
          },
          fail: reject,
        });
      });
    } finally {
      if (scope.quiet > 0) {
        scope.quiet -= 1;
        this.quiet.went();
      }
      this.waiting -= 1;
      scope.waiting -= 1;
      if (scope.waiting === 0) this.scopes.delete(post.scopeId);
    }
  }

  private laneOf(scopeId: string): Lane {
    let hash = 0;
    for (let index = 0; index < scopeId.length; index++) hash = (hash * 31 + scopeId.charCodeAt(index)) | 0;
    const lane = this.lanes[Math.abs(hash) % this.lanes.length];
    if (lane === undefined) throw new Error('a ledger has at least one lane');
    return lane;
  }
}
