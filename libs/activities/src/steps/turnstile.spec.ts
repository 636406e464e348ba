// Goal: no more steps begin at once than there are places, in the order they came, and one that breaks gives its place
// up like any other.
import { describe, expect, it } from '@jest/globals';
import { Turnstile } from './turnstile.js';

/** Work that ends when it is told to. */
class Held {
  end: (error?: Error) => void = () => undefined;
  readonly done = new Promise<void>((resolve, reject) => {
    this.end = (error) => (error === undefined ? resolve() : reject(error));
  });
}

const settled = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a turnstile', () => {
  it('lets as many in as it has places, the others in the order they came', async () => {
    const turnstile = new Turnstile(2);
    const works = Array.from({ length: 4 }, () => new Held());
    const begun: number[] = [];
    const passes = works.map((work, index) =>
      turnstile.pass(async () => {
        begun.push(index);
        await work.done;
        return index;
      }),
    );
    await settled();
    expect(begun).toEqual([0, 1]);
    works[1]?.end();
    await settled();
    expect(begun).toEqual([0, 1, 2]);
    for (const work of works) work.end();
    expect(await Promise.all(passes)).toEqual([0, 1, 2, 3]);
  });

  it('is left by work that breaks, and is empty again when all have left', async () => {
    const turnstile = new Turnstile(1);
    const [broken, next] = [new Held(), new Held()];
    const breaking = turnstile.pass(async () => broken.done);
    const following = turnstile.pass(async () => next.done);
    broken.end(new Error('lost'));
    await expect(breaking).rejects.toThrow('lost');
    next.end();
    await following;
    expect(await turnstile.pass(async () => Promise.resolve('at once'))).toBe('at once');
  });
});
