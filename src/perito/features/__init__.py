"""Features as SQL sentences, each with the reason an investigator reads. Refuses the future."""
