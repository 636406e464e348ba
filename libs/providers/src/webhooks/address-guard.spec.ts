// Which addresses a webhook may be sent to.
import { describe, expect, it } from '@jest/globals';
import { AddressGuard, isPublicAddress } from './address-guard.js';

describe('an address', () => {
  it.each([
    ['8.8.8.8', true],
    ['2606:4700::1111', true],
    ['::ffff:8.8.8.8', true],
    ['10.1.2.3', false],
    ['172.16.0.1', false],
    ['192.168.1.1', false],
    ['127.0.0.1', false],
    ['127.8.8.8', false],
    ['0.0.0.0', false],
    ['169.254.169.254', false],
    ['168.63.129.16', false],
    ['100.64.0.1', false],
    ['100.100.100.200', false],
    ['192.0.0.192', false],
    ['198.18.0.1', false],
    ['203.0.113.7', false],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['240.0.0.1', false],
    ['::', false],
    ['::1', false],
    ['::ffff:127.0.0.1', false],
    ['::ffff:a9fe:a9fe', false],
    ['::127.0.0.1', false],
    ['64:ff9b::7f00:1', false],
    ['2002:7f00:1::', false],
    ['2001:0:1::', false],
    ['fe80::1', false],
    ['fe80::1%eth0', false],
    ['fec0::1', false],
    ['fc00::1', false],
    ['fd00:ec2::254', false],
    ['ff02::1', false],
    ['2001:db8::1', false],
    ['localhost', false],
    ['', false],
  ])('%s is public: %s', (address, isPublic) => {
    expect(isPublicAddress(address)).toBe(isPublic);
  });

  it('that is not public is admitted where its network was named, and only such a one in plain text', () => {
    const guard = new AddressGuard(['127.0.0.0/8', 'fd00::/8']);
    const cases: [string, boolean, boolean][] = [
      ['127.0.0.1', false, true],
      ['::ffff:127.0.0.1', true, true],
      ['fd00::1', true, true],
      ['10.0.0.1', true, false],
      ['8.8.8.8', true, true],
      ['8.8.8.8', false, false],
    ];
    for (const [address, isEncrypted, admitted] of cases) {
      expect([address, isEncrypted, guard.admits(address, isEncrypted)]).toEqual([address, isEncrypted, admitted]);
    }
  });
});
