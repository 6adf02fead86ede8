/** SecAgg: sums that nobody sees unsummed, in four phases, with drop-outs (ePrint:2017/281). */
package fedllm.privacy.secagg;
