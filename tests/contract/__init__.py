"""Contracts: what every feature, every model and every store write keeps."""
