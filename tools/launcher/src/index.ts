export { startCluster } from './cluster/start-cluster';
export { LaunchError } from './cluster/launch-error';
export { LOCAL_ACCOUNTS } from './cluster/accounts';
export type { AccountSeed, SeededAccount } from './cluster/accounts';
export { LOCAL_PARTNERS } from './cluster/partners';
export type { PartnerSeed } from './cluster/partners';
export type {
  AdjustSettings,
  Cluster,
  ClusterOptions,
  ClusterService,
  GrpcService,
} from './cluster/cluster';
export type { LaunchErrorCode } from './cluster/launch-error';
export type { GrpcServiceName, Ports, ServiceName } from './cluster/listeners';
export { freePorts } from './cluster/ports';
export type { LogLine } from './cluster/service-log';
