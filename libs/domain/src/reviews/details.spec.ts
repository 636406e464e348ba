// Domain room. What a report says, and which mail is one.
import { describe, expect, it } from '@jest/globals';
import { baselineOf, contextClassOf } from './baseline.js';
import { detailsOfMail, missingDetails, readThreadLink, REVIEW_DETAILS, withDetails } from './details.js';
import { addressesOfMail, isReviewSubject } from './mail.js';

const whole = {
  thread: 'https://app.example/bots/bot_1/threads/my%20talk',
  task: 'A shop',
  model: 'unknown',
  build_state: 'red since noon',
  message_count: 'about 20',
  large_files: 'none',
};

describe('the six details', () => {
  it('[E25] are all asked for, each by its name', () => {
    expect(missingDetails(whole)).toEqual([]);
    for (const detail of REVIEW_DETAILS) {
      const { [detail]: _, ...rest } = whole;
      expect(missingDetails(rest)).toEqual([detail]);
      expect(missingDetails({ ...whole, [detail]: '  ' })).toEqual([detail]);
    }
  });

  it('are completed by what is said later, and keep what was said before', () => {
    const { task, model, ...rest } = whole;
    expect(withDetails(rest, { task, thread: ' ' })).toEqual({ ...rest, task });
    expect(missingDetails(withDetails(withDetails(rest, { task }), { model }))).toEqual([]);
  });

  it('are read out of a mail line by line, without its signature', () => {
    const text = [
      'Hello,',
      '',
      '> Thread link: bot_1/threads/talk',
      'Task: Build a shop',
      'with a basket',
      '',
      'PREVIEW: red',
      'Messages: 12',
      '-- ',
      'Model: none of this',
    ].join('\r\n');
    expect(detailsOfMail(text)).toEqual({
      thread: 'bot_1/threads/talk',
      task: 'Build a shop\nwith a basket',
      build_state: 'red',
      message_count: '12',
    });
  });

  it('name a thread by a link, or by one of its jobs', () => {
    expect(readThreadLink(whole.thread)).toEqual({ botId: 'bot_1', threadId: 'my talk' });
    expect(readThreadLink('bot_1/talk')).toEqual({ botId: 'bot_1', threadId: 'talk' });
    expect(readThreadLink('see https://x.example/v1/jobs/job_01abc/cost')).toEqual({ jobId: 'job_01abc' });
    expect(readThreadLink('the one of yesterday')).toBeNull();
  });
});

describe('a mail', () => {
  it('[E26] is a report by its subject in any case, with marks of answering and spaces', () => {
    for (const subject of [
      'High Credit Usage Review',
      'HIGH credit  usage review ',
      'Re: High Credit Usage Review',
      'AW: Re[2]: FWD :high credit usage\treview',
      'Fw:WG: high Credit Usage Review',
    ]) {
      expect([subject, isReviewSubject(subject)]).toEqual([subject, true]);
    }
    for (const subject of ['Credit Usage Review', 'High Credit Usage Review please', 'Review: High Credit Usage', '']) {
      expect([subject, isReviewSubject(subject)]).toEqual([subject, false]);
    }
  });

  it('[E26] is from an address or names one', () => {
    expect(addressesOfMail({ from: 'Ann <Ann@Example.com>', text: 'my account is (shop@example.org).' })).toEqual([
      'ann@example.com',
      'shop@example.org',
    ]);
  });
});

describe('the baseline', () => {
  it('[E31] tells median, p90 and percentile with the size of the sample, and nothing below the floor', () => {
    const like = { samples: 20, atMost: 19, median: 5n as never, p90: 9n as never };
    expect(baselineOf(like)).toEqual({ enough: true, samples: 20, median: 5n, p90: 9n, percentile: 95 });
    expect(baselineOf({ ...like, samples: 19 })).toEqual({ enough: false, samples: 19 });
  });

  it('compares with contexts of one class', () => {
    expect([0, 999, 1_000, 63_999, 256_000, 9e9].map((tokens) => contextClassOf(tokens))).toEqual([
      { from: 0, to: 1_000 },
      { from: 0, to: 1_000 },
      { from: 1_000, to: 4_000 },
      { from: 16_000, to: 64_000 },
      { from: 256_000, to: null },
      { from: 256_000, to: null },
    ]);
  });
});
