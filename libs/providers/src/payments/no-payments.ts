// Providers room. Where nobody takes payments: an order is never paid, and nothing comes of it.
import type { Checkout, CheckoutOrder, PaymentPort, SeenPayment } from './payment-port.js';

export class NoPayments implements PaymentPort {
  readonly provider = 'none';

  async open({ of, page }: CheckoutOrder): Promise<Checkout> {
    return { checkoutRef: `none_${of.id}${page === 1 ? '' : `_${page}`}`, url: null, seen: await this.look() };
  }

  async look(): Promise<SeenPayment> {
    return { state: 'closed' };
  }

  async close(): Promise<SeenPayment> {
    return this.look();
  }

  async chargeAgain(): Promise<SeenPayment> {
    return this.look();
  }

  async lookAtCharge(): Promise<SeenPayment> {
    return this.look();
  }

  async payBack(): Promise<null> {
    return null;
  }
}
