// API room. Equal requests get equal names, others never do.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bodyHash, callerName, keyHash } from './admission-hashes.js';
import type { JsonValue } from '@fairmeter/domain';
import { canonicalJson } from '@fairmeter/domain';
import { submitBody } from './submit-body.js';

const hashOf = (body: unknown): string => bodyHash(submitBody.parse(body));
const bytes = (text: string): Buffer => Buffer.from(text);

describe('the hash of a key', () => {
  it('tells accounts, bots and the account itself apart, and not the keys of one bot', () => {
    const owner = { accountId: 'acc_1', botId: 'bot_1' };
    const hash = keyHash(owner, bytes('k'));
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(keyHash({ ...owner }, bytes('k'))).toBe(hash);
    expect(keyHash({ ...owner, accountId: 'acc_2' }, bytes('k'))).not.toBe(hash);
    expect(keyHash({ ...owner, botId: 'bot_2' }, bytes('k'))).not.toBe(hash);
    expect(keyHash(owner, bytes('K'))).not.toBe(hash);
    expect(keyHash(owner, bytes('k'), 'account')).not.toBe(hash);
  });

  it('tells test keys from live ones, which keep the name they had before there were any', () => {
    const names = [
      callerName({ kind: 'bot', keyId: 'key_1' }),
      callerName({ kind: 'bot', keyId: 'key_2', environment: 'test' }),
      callerName({ kind: 'account', keyId: 'key_3' }),
      callerName({ kind: 'account', keyId: 'key_4', environment: 'test' }),
    ];
    expect(names).toEqual(['bot', 'test/bot', 'account', 'test/account']);
  });

  it('never takes the end of one part for the beginning of the next', () => {
    const part = fc.string({ maxLength: 6 });
    fc.assert(
      fc.property(fc.tuple(part, part, part), fc.tuple(part, part, part), (one, other) => {
        const hash = ([accountId, botId, key]: readonly [string, string, string]): string =>
          keyHash({ accountId, botId }, bytes(key));
        const same = one.every((text, index) => bytes(text).equals(bytes(other[index] ?? '')));
        return (hash(one) === hash(other)) === same;
      }),
    );
    const moved = keyHash({ accountId: 'ab', botId: 'c' }, bytes('d'));
    expect(keyHash({ accountId: 'a', botId: 'bc' }, bytes('d'))).not.toBe(moved);
  });
});

describe('the hash of a body', () => {
  it('follows what a body means and not how it is written', () => {
    const body = { prompt: 'p', max_credits: '1.5', model: 'm' };
    expect(hashOf({ model: 'm', max_credits: '1.500000', prompt: 'p' })).toBe(hashOf(body));
    expect(hashOf({ ...body, max_credits: '1.500001' })).not.toBe(hashOf(body));
    expect(hashOf({ prompt: 'p ' })).not.toBe(hashOf({ prompt: 'p' }));
    expect(hashOf({ prompt: 'p' })).not.toBe(hashOf({ prompt: 'p', request_kind: 'generate' }));
  });
});

describe('canonical JSON', () => {
  it('is valid JSON of the same value, and equal for equal values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value as JsonValue);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text) as JsonValue)).toBe(text);
      }),
    );
  });

  it('puts the keys of objects in one order', () => {
    expect(canonicalJson({ b: [1, { d: null, c: true }], a: 'x' })).toBe('{"a":"x","b":[1,{"c":true,"d":null}]}');
  });
});
