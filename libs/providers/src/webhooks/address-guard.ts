// Providers room. Which addresses a webhook may be sent to: those of the public internet, and networks that were named
// by whoever runs the platform. Asked with the very address that is connected to, so that no name changes in between.
import ipaddr from 'ipaddr.js';

export interface Network {
  contains(address: string): boolean;
}

/** `10.0.0.0/8` or `::1/128`; settings have checked its form. */
export function networkOf(cidr: string): Network {
  const [base, bits] = ipaddr.parseCIDR(cidr);
  return {
    contains: (text) => {
      const address = ipaddr.process(text);
      return address.kind() === base.kind() && address.match(base, bits);
    },
  };
}

/** Beyond these IPv6 holds old ways of writing IPv4 addresses, and nothing that a receiver could have. */
const GLOBAL_IPV6 = networkOf('2000::/3');

/** Public by its number, and still answered by the machine's own cloud. */
const CLOUD_WIRE_SERVER = '168.63.129.16';

/** Whatever is no address at all is not public either. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  if (address.range() !== 'unicast' || address.toString() === CLOUD_WIRE_SERVER) return false;
  return address.kind() === 'ipv4' || GLOBAL_IPV6.contains(text);
}

export class AddressGuard {
  private readonly allowed: readonly Network[];

  constructor(allowedNetworks: readonly string[]) {
    this.allowed = allowedNetworks.map(networkOf);
  }

  /** Only where it was named is anything sent in plain text, and to what is not public. */
  isNamed(address: string): boolean {
    return ipaddr.isValid(address) && this.allowed.some((network) => network.contains(address));
  }

  admits(address: string, isEncrypted: boolean): boolean {
    return this.isNamed(address) || (isEncrypted && isPublicAddress(address));
  }
}
