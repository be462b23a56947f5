// No service's name holds a line break.
export const edgeKey = (source: string, destination: string): string => `${source}\n${destination}`;
