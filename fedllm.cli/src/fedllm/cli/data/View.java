package fedllm.cli.data;

import fedllm.runtime.data.DataSpec;

/**
 * What one silo has under one name.
 *
 * @param name for tables
 * @param spec its files
 */
public record View(String name, DataSpec spec) {}
