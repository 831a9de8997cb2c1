/**
 * The etcd release whose behaviour the server follows, claimed wherever a client
 * asks: `/version`, `Status.version`.
 */
export const ETCD_VERSION = "3.6.16";

/** The cluster and storage version that go with it: major and minor alone. */
export const ETCD_CLUSTER_VERSION = "3.6.0";

/** Kvorum's own version, as in `package.json`. A test compares the two. */
export const KVORUM_VERSION = "0.1.0";
