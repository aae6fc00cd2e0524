"""The shipped corpus: data only. This file exists so that an installed wheel finds it as a package resource."""
