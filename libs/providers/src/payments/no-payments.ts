// Providers room. Where nobody takes payments: an order is never paid, and nothing comes of it.
import type { Checkout, CheckoutOrder, PaymentPort, SeenCheckout } from './payment-port.js';

export class NoPayments implements PaymentPort {
  readonly provider = 'none';

  async open({ purchaseId }: CheckoutOrder): Promise<Checkout> {
    return { checkoutRef: `none_${purchaseId}`, url: null, seen: await this.look() };
  }

  async look(): Promise<SeenCheckout> {
    return { state: 'closed' };
  }
}
