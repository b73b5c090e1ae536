// What a runtime takes to start with nothing to do: the baseline of the import time.
export {};
