"""What reads untrusted bytes: to be run only inside the parser process."""
