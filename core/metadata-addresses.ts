// The addresses at which clouds give machines and pods their secrets. The gateway and the
// policies of chart and operator let nobody reach them.

/**
 * Networks of IPv4. Link-local has the metadata of most clouds (169.254.169.254) and the
 * credentials of pods (169.254.170.2, 169.254.170.23).
 */
export const METADATA_IPV4 = [
  '169.254.0.0/16',
  // Alibaba Cloud.
  '100.100.100.200/32',
  // Azure's WireServer.
  '168.63.129.16/32',
  // Oracle Cloud.
  '192.0.0.192/32',
] as const;

/** The same of IPv6. */
export const METADATA_IPV6 = [
  'fe80::/10',
  // AWS: metadata, and EKS Pod Identity.
  'fd00:ec2::254/128',
  'fd00:ec2::23/128',
  // Google Cloud.
  'fd20:ce::254/128',
  // Oracle Cloud.
  'fd00:c1::a9fe:a9fe/128',
  // Scaleway.
  'fd00:42::42/128',
] as const;
