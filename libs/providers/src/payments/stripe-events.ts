// Providers room. What Stripe tells by webhook, once its signature fits: the few events that say what became of a
// payment. Everything else is none of ours.
import type { PaymentNews } from '@fairmeter/domain';
import Stripe from 'stripe';

export interface HeardEvent {
  readonly eventId: string;
  readonly news: PaymentNews;
  readonly purchaseId?: string;
  readonly paymentRef?: string;
}

/** How old a signed message may be: as long as Stripe's own libraries take it. */
const SIGNED_WITHIN_SECONDS = 300;

export class StripeEvents {
  constructor(private readonly secret: string) {}

  /** Undefined where the signature does not fit, null where the event means nothing here. */
  read(body: Buffer, signature: string): HeardEvent | null | undefined {
    let event: Stripe.Event;
    try {
      event = Stripe.webhooks.constructEvent(body, signature, this.secret, SIGNED_WITHIN_SECONDS);
    } catch {
      return undefined;
    }
    const heard = newsOf(event);
    return heard === null ? null : { eventId: event.id, ...heard };
  }
}

function newsOf(event: Stripe.Event): Omit<HeardEvent, 'eventId'> | null {
  if (event.type === 'checkout.session.completed' || event.type === 'checkout.session.async_payment_succeeded') {
    const { object } = event.data;
    // A session is also completed where the money is still on its way.
    return object.payment_status === 'paid' ? { news: 'paid', ...meant(object) } : null;
  }
  if (event.type === 'charge.refunded') {
    const { object } = event.data;
    // Part of the money back is a matter for people: the credits stay as they are.
    return object.refunded ? { news: 'reversed', ...meant(object) } : null;
  }
  if (event.type === 'charge.dispute.created') {
    const { object } = event.data;
    // An inquiry moves no money: credits go with the money, and come back with it.
    return object.status.startsWith('warning_') ? null : { news: 'disputed', ...meant(object) };
  }
  if (event.type !== 'charge.dispute.closed') return null;
  const { object } = event.data;
  // Whatever ends without the money going leaves it where it was: an inquiry too that had become a dispute.
  if (object.status === 'won' || object.status === 'warning_closed' || object.status === 'prevented')
    return { news: 'dispute_won', ...meant(object) };
  return object.status === 'lost' ? { news: 'reversed', ...meant(object) } : null;
}

interface Payment {
  readonly metadata: Stripe.Metadata | null;
  readonly payment_intent: string | { readonly id: string } | null;
}

function meant({ metadata, payment_intent: intent }: Payment): Pick<HeardEvent, 'purchaseId' | 'paymentRef'> {
  const purchaseId = metadata?.['purchase_id'];
  const paymentRef = typeof intent === 'string' ? intent : intent?.id;
  return {
    ...(purchaseId === undefined ? {} : { purchaseId }),
    ...(paymentRef === undefined ? {} : { paymentRef }),
  };
}
