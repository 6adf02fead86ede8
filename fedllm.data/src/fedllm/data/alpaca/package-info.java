/** JSON files that hold all objects in one array or object. */
package fedllm.data.alpaca;
