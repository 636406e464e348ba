// API room. Which header values are keys.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ProblemError } from '../problems/problem-error.js';
import { readIdempotencyKey } from './idempotency-key.js';

/** As Node hands a header over: each byte a character. */
const onTheWire = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

function codeOf(header: string | undefined): string {
  try {
    readIdempotencyKey(header);
    return 'accepted';
  } catch (error) {
    if (error instanceof ProblemError) return error.code;
    throw error;
  }
}

describe('an Idempotency-Key', () => {
  it('is needed', () => {
    expect(codeOf(undefined)).toBe('idempotency_key_missing');
    expect(codeOf('')).toBe('idempotency_key_invalid');
  });

  it('may be any text of up to 255 bytes', () => {
    for (const key of [
      'k',
      'order 17',
      'schlüssel',
      '鍵🔑',
      '"quoted", with comma',
      'x'.repeat(255),
      'ü'.repeat(127),
    ]) {
      expect([key, codeOf(onTheWire(key))]).toEqual([key, 'accepted']);
    }
    expect(codeOf('x'.repeat(256))).toBe('idempotency_key_invalid');
    expect(codeOf(onTheWire('ü'.repeat(128)))).toBe('idempotency_key_invalid');
  });

  it('holds no control characters, however they are written', () => {
    for (const control of [0x01, 0x09, 0x1f, 0x7f, 0x80, 0x9f]) {
      expect(codeOf(onTheWire(`a${String.fromCharCode(control)}b`))).toBe('idempotency_key_invalid');
    }
  });

  it('is the bytes that were sent, also where they are no UTF-8', () => {
    expect(readIdempotencyKey('\u00fc')).toEqual(Buffer.from([0xfc]));
    expect(readIdempotencyKey(onTheWire('ü'))).toEqual(Buffer.from([0xc3, 0xbc]));
  });

  it('is accepted or refused, never broken, whatever bytes come', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const code = codeOf(Buffer.from(bytes).toString('latin1'));
        return code === 'accepted' ? bytes.length >= 1 && bytes.length <= 255 : code === 'idempotency_key_invalid';
      }),
    );
  });
});
