/** What server and silos say to each other: small JSON records with readable headers. */
package fedllm.runtime.message;
