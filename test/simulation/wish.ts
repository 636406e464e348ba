// Simulation. What a person asked for on the command line.
export interface Wish {
  readonly seed: number;
  readonly rounds: number;
  /** Kills processes instead of harming their surroundings. */
  readonly crash: boolean;
}

export const USAGE = `usage: npm run simulate -- --seed N [--rounds R] [--crash]
  --seed N    everything that is drawn follows from it
  --rounds R  how many rounds to play, 20 where nothing is said
  --crash     kill a writing process, or Postgres, in every round`;

const ROUNDS = 20;

/** Undefined where it cannot be understood. */
export function readWish(args: readonly string[]): Wish | undefined {
  const numbers = new Map<string, number>();
  let crash = false;
  for (let index = 0; index < args.length; index++) {
    const flag = args[index] ?? '';
    if (flag === '--crash') crash = true;
    else if (flag === '--seed' || flag === '--rounds') {
      const value = args[++index] ?? '';
      if (!/^\d{1,9}$/.test(value)) return undefined;
      numbers.set(flag, Number(value));
    } else return undefined;
  }
  const seed = numbers.get('--seed');
  const rounds = numbers.get('--rounds') ?? ROUNDS;
  return seed === undefined || rounds === 0 ? undefined : { seed, rounds, crash };
}
