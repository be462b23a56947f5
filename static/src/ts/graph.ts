// The graph page.
export {};
