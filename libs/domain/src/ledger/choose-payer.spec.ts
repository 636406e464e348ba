// Goal: the table of payers, row by row, and what holds for every question. Method: one question of each row with what
// the table says, the totality by all questions there are.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { instant } from '../time/instant.js';
import type { PayerQuestion } from './choose-payer.js';
import { askedAgain, choosePayer, FUNDING_MODES, JOB_MARKERS, REQUESTER_KINDS, SALES_MODES } from './choose-payer.js';

const NOW = instant(Date.UTC(2027, 0, 10));
const OPEN = { id: 'cmp_1', botId: 'bot_1', startsAt: instant(0), endsAt: null };

const visitor = { kind: 'visitor', id: 'vis_1' } as const;
const botKey = { kind: 'bot', id: 'key_1' } as const;
const member = { kind: 'person', id: 'usr_1' } as const;

function question(wish: Partial<PayerQuestion> = {}): PayerQuestion {
  return {
    accountId: 'acc_1',
    botId: 'bot_1',
    requester: visitor,
    environment: 'live',
    funding: { salesMode: 'platform_sells', fundingMode: 'owner_pool', publicMayUseBonus: false },
    marker: null,
    campaign: undefined,
    own: 'never',
    now: NOW,
    ...wish,
  };
}

const funding = (wish: Partial<PayerQuestion['funding']>): PayerQuestion['funding'] => ({
  ...question().funding,
  ...wish,
});

/** `funding scope limits`, or the refusal's code. */
function told(wish: Partial<PayerQuestion>): string {
  const chosen = choosePayer(question(wish));
  if (!chosen.ok) return chosen.refusal.code;
  const { payer, scopeId, limitRefs } = chosen.value;
  const limits = limitRefs.map(
    ({ kind, subject, usual }) => `${kind}:${subject}${usual === undefined ? '' : `<${usual}`}`,
  );
  return [payer.funding, scopeId, ...limits].join(' ');
}

const ACCOUNT = 'account/acc_1 spend: bot:bot_1';
const OWN = 'end_user end_user/bot_1/vis_1';
const direct = funding({ salesMode: 'business_direct' });
const sold = funding({ fundingMode: 'end_user_credits' });

describe('who pays', () => {
  it.each<[string, Partial<PayerQuestion>, string]>([
    ['[B8] the owner pays for a key of the bot', { requester: botKey }, `owner ${ACCOUNT} key:key_1`],
    [
      '[edge 78] a key that took the place of another is counted with it',
      { requester: botKey, countedAs: 'key_0' },
      `owner ${ACCOUNT} key:key_0`,
    ],
    ['[E24] a member draws on the account', { requester: member }, `owner ${ACCOUNT} member:usr_1`],
    ['[B25] the owner at a paid bot', { requester: member, funding: sold }, `owner ${ACCOUNT} member:usr_1`],
    [
      'a test key draws on the test scope, under limits of that scope',
      { requester: botKey, environment: 'test' },
      'owner test/acc_1 spend: bot:bot_1 key:key_1',
    ],
    ['a test is the owner paying', { requester: member, marker: 'test' }, `owner ${ACCOUNT} member:usr_1`],
    [
      '[edge 66] who came back counts on from before, and has a limit of their own as anybody',
      { countedAs: 'vis_0' },
      `free_visitor ${ACCOUNT} free_reserve: free_reserve:bot_1 visitor:vis_0<bot_1 visitor:vis_1`,
    ],
    [
      '[edge 66] who came back has had their share of a campaign',
      { countedAs: 'vis_0', campaign: OPEN },
      `campaign ${ACCOUNT} campaign:cmp_1 visitor:cmp_1/vis_0<cmp_1`,
    ],
    [
      '[B17] training is the account paying, also at a paid bot',
      { requester: botKey, marker: 'training', funding: sold },
      `training ${ACCOUNT} training: training:bot_1 key:key_1`,
    ],
    [
      '[X2] a free visitor passes the reserve and the cap',
      {},
      `free_visitor ${ACCOUNT} free_reserve: free_reserve:bot_1 visitor:vis_1<bot_1`,
    ],
    [
      'a giveaway passes its campaign, and counts for each visitor',
      { campaign: OPEN },
      `campaign ${ACCOUNT} campaign:cmp_1 visitor:cmp_1/vis_1<cmp_1`,
    ],
    [
      'a giveaway is no purchase, also for who has bought',
      { campaign: OPEN, own: 'left' },
      `campaign ${ACCOUNT} campaign:cmp_1 visitor:cmp_1/vis_1<cmp_1`,
    ],
    ['[B10] who has bought pays alone', { own: 'left' }, OWN],
    ['[B15] also at zero', { own: 'used_up' }, OWN],
    ['[edge 72] who owes is answered by nobody else', { funding: direct, own: 'owes' }, OWN],
    ['[B20] business sells direct: the account', { funding: direct }, `business_direct ${ACCOUNT} visitor:vis_1<bot_1`],
    ['[edge 77] business sells direct, with something left', { funding: direct, own: 'left' }, OWN],
    [
      '[edge 77] business sells direct, used up',
      { funding: direct, own: 'used_up' },
      `business_direct ${ACCOUNT} visitor:vis_1<bot_1`,
    ],
  ])('%s', (_, wish, answer) => {
    expect(told(wish)).toBe(answer);
  });

  it.each<[string, Partial<PayerQuestion>, string]>([
    ["[B1] [A20] tied to visitors' credits: nothing without", { funding: sold }, 'no_credits_for_bot'],
    ['[B17] no visitor asks for training', { marker: 'training', own: 'left' }, 'owner_work_only'],
    [
      'no campaign pays in the test environment',
      { requester: botKey, environment: 'test', campaign: OPEN },
      'campaign_not_running',
    ],
    ['no campaign pays for a test', { requester: botKey, marker: 'test', campaign: OPEN }, 'owner_work_only'],
    ['no campaign of that name', { campaign: null }, 'campaign_not_running'],
    ['of another bot', { campaign: { ...OPEN, botId: 'bot_2' } }, 'campaign_not_running'],
    ['not begun', { campaign: { ...OPEN, startsAt: instant(NOW + 1) } }, 'campaign_not_running'],
    ['over at its end', { campaign: { ...OPEN, endsAt: NOW } }, 'campaign_not_running'],
  ])('refuses: %s', (_, wish, code) => {
    expect(told(wish)).toBe(code);
  });

  const questions = fc.record({
    requester: fc.constantFrom(...REQUESTER_KINDS).map((kind) => ({ kind, id: 'one' })),
    funding: fc.record({
      salesMode: fc.constantFrom(...SALES_MODES),
      fundingMode: fc.constantFrom(...FUNDING_MODES),
      publicMayUseBonus: fc.boolean(),
    }),
    marker: fc.constantFrom(null, ...JOB_MARKERS),
    campaign: fc.constantFrom(undefined, null, OPEN),
    own: fc.constantFrom('never' as const, 'used_up' as const, 'left' as const, 'owes' as const),
  });

  it('[B25] [B17] draws on a visitor only what that visitor asked for, and never for work of the owner', () => {
    fc.assert(
      fc.property(questions, (wish) => {
        const chosen = choosePayer(question(wish));
        if (!chosen.ok || chosen.value.payer.funding !== 'end_user') return;
        expect(wish).toMatchObject({ requester: { kind: 'visitor' }, marker: null, campaign: undefined });
        expect(chosen.value.scopeId).toBe('end_user/bot_1/one');
        expect(chosen.value.limitRefs).toEqual([]);
      }),
    );
  });

  it('[B15] never answers a visitor who has bought from the free reserve', () => {
    fc.assert(
      fc.property(questions, (wish) => {
        if (wish.own === 'never') return;
        const chosen = choosePayer(question(wish));
        expect(chosen.ok && chosen.value.payer.funding).not.toBe('free_visitor');
      }),
    );
  });

  it('lets bonus credits be eaten by the public alone', () => {
    fc.assert(
      fc.property(questions, (wish) => {
        const chosen = choosePayer(question(wish));
        if (!chosen.ok || !chosen.value.payer.publicMayUseBonus) return;
        expect(['free_visitor', 'campaign']).toContain(chosen.value.payer.funding);
      }),
    );
  });
});

describe('asked again at submit', () => {
  const short = { code: 'credits_exhausted' } as never;

  it('[edge 77] falls to the owner only where the business sells direct and too little was left', () => {
    expect(askedAgain(question({ funding: direct, own: 'left' }), short)).toMatchObject({ own: 'used_up' });
    expect(askedAgain(question({ funding: direct, own: 'used_up' }), short)).toBeNull();
    expect(askedAgain(question({ own: 'left' }), short)).toBeNull();
    expect(askedAgain(question({ funding: direct, own: 'owes' }), short)).toBeNull();
    expect(askedAgain(question({ funding: direct, own: 'left' }), { code: 'bot_archived' })).toBeNull();
  });
});
