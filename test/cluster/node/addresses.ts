// Where what is of a node is reached: the same from the machine, from the node and from its pods.

/** Of the node: its API server, its NodePorts. */
export const NODE_ADDRESS = '10.213.0.1';
/** Of the machine, as the node and its pods see it: what tests start for pods listens there. */
export const HOST_ADDRESS = '10.213.0.2';
export const POD_RANGE = '10.213.64.0/18';
export const SERVICE_RANGE = '10.213.128.0/18';
export const API_PORT = 6443;
