/**
 * What BERT and its kin share: layers that normalise after each addition, and heads that say what
 * the whole text, or each token, is. Each family's bundle has a copy.
 */
package fedllm.models.encoder;
