// Domain room. Whether a mail is taken as from whom it names, by every way in which gateways say what they found.
import { describe, expect, it } from '@jest/globals';
import type { MailChecks, SenderVerdict } from './mail-sender.js';
import { verdictOfSender } from './mail-sender.js';

describe('the sender of a mail', () => {
  it.each<readonly [string, MailChecks, SenderVerdict]>([
    ['is who it says where DMARC passed', { dmarc: 'pass' }, 'passed'],
    ['also where another check failed on the way', { dmarc: ' PASS ', spf: 'softfail', dkim: 'pass' }, 'passed'],
    ['is not where DMARC failed', { dmarc: 'FAIL' }, 'failed'],
    ['is not where DMARC failed, whatever else passed', { dmarc: 'fail', spf: 'pass', dkim: 'pass' }, 'failed'],
    ['is not where its policy was applied', { dmarc: 'quarantine' }, 'failed'],
    ['is not where nothing but failures is known', { dmarc: 'none', spf: 'fail', dkim: 'none' }, 'failed'],
    ['is not where its signature is wrong', { dkim: 'failed' }, 'failed'],
    ['is not known by checks of another domain', { spf: 'pass', dkim: 'pass' }, 'unstated'],
    ['is not known where one of them failed and one passed', { dmarc: null, spf: 'fail', dkim: 'pass' }, 'unstated'],
    ['is not known where the checks could not be made', { dmarc: 'temperror', spf: 'neutral' }, 'unstated'],
    ['is not known by words of no check', { dmarc: 'passionate', spf: 'failsafe' }, 'unstated'],
    ['is not known where nothing was checked', {}, 'unstated'],
  ])('%s', (_how, checks, verdict) => {
    expect(verdictOfSender(checks)).toBe(verdict);
  });
});
