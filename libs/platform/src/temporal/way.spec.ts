// Temporal connection: what is said to a server, and what is never said by accident.
import { describe, expect, it } from '@jest/globals';
import { wayTo } from './way.js';

describe('the way to a Temporal server', () => {
  it('is plain text where nothing was said', () => {
    expect(wayTo({ address: 'host:1' })).toEqual({ address: 'host:1', tls: false });
  });

  it('takes TLS and key along, and keeps TLS off where it was switched off by name', () => {
    const apiKey = 'key';
    expect(wayTo({ address: 'host:1', tls: true, apiKey })).toEqual({ address: 'host:1', tls: true, apiKey });
    expect(wayTo({ address: 'host:1', tls: false, apiKey })).toEqual({ address: 'host:1', tls: false, apiKey });
  });
});
