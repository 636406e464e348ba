// Simulation. What goes wrong around a ledger whose processes live: wires, locks, sessions, and a Postgres restarted.
import { withClient } from '@fairmeter/platform/database';
import { pause } from '../../harness/until.js';
import type { Chance } from '../chance.js';
import type { FailingWire } from '../servers/failing-wire.js';
import type { OwnPostgres } from '../servers/own-postgres.js';
import type { Fault } from '../world.js';

export const WRITER_NAME = 'simulated-writer';

export interface Surroundings {
  readonly postgres: OwnPostgres;
  /** Past every wire. */
  readonly writerUrl: string;
  readonly wires: readonly FailingWire[];
}

export function faultsOfLiving({ postgres, writerUrl, wires }: Surroundings): Fault[] {
  const onSomeWire = (harm: (wire: FailingWire, chance: Chance) => Promise<void> | void) => {
    return async (chance: Chance): Promise<void> => harm(chance.pick(wires), chance);
  };
  return [
    { name: 'wire cut', weight: 3, strike: onSomeWire((wire, chance) => wire.cut(chance.whole(0, 200))) },
    { name: 'COMMIT lost', weight: 3, strike: onSomeWire((wire) => wire.loseAtCommit('command')) },
    { name: 'answer to COMMIT lost', weight: 4, strike: onSomeWire((wire) => wire.loseAtCommit('answer')) },
    { name: 'scope locked', weight: 3, strike: (chance) => lockSomeScope(writerUrl, chance) },
    { name: 'sessions ended', weight: 2, strike: () => postgres.endSessions(`${WRITER_NAME}%`) },
    { name: 'Postgres restarted', weight: 1, strike: (chance) => restart(postgres, chance) },
  ];
}

/** Those that callers share, of the last generation there is. */
const NEWEST_SCOPES = `SELECT id FROM ledger.scopes WHERE id ~ '_g[0-9]+_[0-9]+$'
  ORDER BY substring(id from '_g([0-9]+)_[0-9]+$')::int DESC, id LIMIT 9`;

/** Longer than a lane waits for a lock: it goes around the scope and comes back to it. */
async function lockSomeScope(writerUrl: string, chance: Chance): Promise<void> {
  await withClient(writerUrl, async (other) => {
    // A run that is interrupted stops Postgres under it.
    other.on('error', () => undefined);
    const { rows } = await other.query<{ id: string }>(NEWEST_SCOPES);
    if (rows.length === 0) return;
    await other.query('BEGIN');
    await other.query('SELECT 1 FROM ledger.scopes WHERE id = $1 FOR UPDATE', [chance.pick(rows).id]);
    await pause(chance.whole(300, 900));
    await other.query('ROLLBACK');
  });
}

async function restart(postgres: OwnPostgres, chance: Chance): Promise<void> {
  await postgres.stop();
  await pause(chance.whole(0, 300));
  await postgres.startAgain();
}
